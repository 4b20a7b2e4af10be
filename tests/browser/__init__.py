"""What a person sees: JupyterLab and findings in a real browser."""
