"""The load generator: a process of its own, in which alone gevent lives.

launcher      the runner's side: a child process and a thread that reads it    (no gevent)
protocol      the messages between the two                                      (no gevent)
__main__      the process: watch threads, then gevent's patching, then the engine
watch         real threads: stdin, stdout, parent, deadline                     (no gevent)
inbox         messages from the thread to the greenlets
engine        starts scenarios when due, keeps the books, obeys
schedule      which start is next and when: this process's share                (pure)
users         which user, and who is in flight twice                            (pure)
session       what a scenario is given; where its measurements go
accounting    counts and histograms of an interval
failure       what went wrong, in the server's words                            (pure)
statsd_out    statsd lines in packets
client        pyArango over the transport
transport     one request, sent once                 pooled, unpooled: two ways to send it
pool          connections that are kept              line         one of them, at work
reading       a reply off a connection
credentials   the token, renewed ahead of its end

Scenarios see pyArango's own API; nothing they send is ever sent twice.
"""
