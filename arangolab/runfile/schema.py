"""The tables of a run file (SQLite) and their meaning.

Times ``t_s`` are seconds since the run's start (monotonic clock of the runner's host).  The
runner alone writes, but for ``commands``, into which the kernel or the command line put theirs.
Never a password or a token.

Format 1: first version.
"""

from __future__ import annotations

from typing import Final

FORMAT: Final = 1

SCHEMA: Final = """
CREATE TABLE meta (             -- facts of the run, one JSON value each:
    name  TEXT PRIMARY KEY,     -- format, run_id, plan, title, host, server, versions, runner,
    value TEXT NOT NULL         -- started_unix_s, heartbeat_unix_s, ended, verdict, outlook,
                                -- trials (search.Trial), capacity (search.Result), recovery,
                                -- endurance (endurance.Endurance),
                                -- sources (a list of metrics/quality.py, Quality)
) WITHOUT ROWID;
CREATE TABLE commands (         -- what was asked of the run while it ran
    id INTEGER PRIMARY KEY,
    at_unix_s REAL NOT NULL,    -- when it was put here (wall clock of who put it)
    name  TEXT NOT NULL,        -- rate | processes | max_in_flight | stop | note
    value TEXT NOT NULL,        -- JSON
    taken_s REAL,               -- t_s at which the runner carried it out; NULL: not yet
    refused TEXT                -- why it was not carried out; NULL: it was
);
CREATE TABLE events (           -- what happened, in words
    id INTEGER PRIMARY KEY,
    t_s  REAL NOT NULL,
    kind TEXT NOT NULL,         -- start step drain command note warning error left_out end
    text TEXT NOT NULL,
    data TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE steps (            -- a rate that was held
    number INTEGER PRIMARY KEY, -- from 0
    rate_per_s REAL NOT NULL,
    processes INTEGER NOT NULL,
    from_s REAL NOT NULL,
    to_s REAL,                  -- NULL: still held
    judgement TEXT              -- JSON of capacity.Judgement; NULL: not judged
);
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,       -- injector | statsd | proc | host | collectd | arango
    name   TEXT NOT NULL,
    unit   TEXT NOT NULL,
    host   TEXT NOT NULL DEFAULT '',  -- where it is another host than the runner's
    UNIQUE (source, name, host)
);
CREATE TABLE samples (
    series_id INTEGER NOT NULL REFERENCES series(id),
    t_s REAL NOT NULL,
    value REAL NOT NULL
);
CREATE INDEX samples_time ON samples (t_s);
CREATE TABLE intervals (        -- the injectors' own accounting, see injector/protocol.py
    worker INTEGER NOT NULL,
    t_s REAL NOT NULL,
    intended INTEGER NOT NULL, started INTEGER NOT NULL, shed INTEGER NOT NULL,
    finished INTEGER NOT NULL, failed INTEGER NOT NULL, abandoned INTEGER NOT NULL,
    reused INTEGER NOT NULL, retries INTEGER NOT NULL, in_flight INTEGER NOT NULL,
    connections_open INTEGER NOT NULL, connections_opened INTEGER NOT NULL,
    bytes_sent INTEGER NOT NULL, bytes_received INTEGER NOT NULL,
    statsd_lines INTEGER NOT NULL, statsd_packets INTEGER NOT NULL,
    cpu_s REAL NOT NULL, loop_lag_s REAL NOT NULL, rss_bytes INTEGER NOT NULL
);
CREATE TABLE histograms (       -- of one interval of one worker
    worker INTEGER NOT NULL,
    t_s REAL NOT NULL,
    name TEXT NOT NULL,         -- see injector/protocol.py, Interval.histograms
    encoded TEXT NOT NULL       -- HdrHistogram V2 compressed, base64; microseconds
);
CREATE TABLE errors (           -- by kind, with the first message
    kind TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    step TEXT NOT NULL, status INTEGER NOT NULL, error_num INTEGER NOT NULL,
    first_s REAL, last_s REAL,
    first_message TEXT NOT NULL,
    self_inflicted INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE replies (          -- requests by method and status, e.g. POST 500/4
    worker INTEGER NOT NULL, t_s REAL NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL
);
CREATE TABLE error_counts (t_s REAL NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL);
CREATE VIEW sample_table AS
    SELECT t_s AS time_s, source, name, value, unit, host
    FROM samples JOIN series ON series.id = series_id;
"""
