/** What `fullhouse loadtest --help` says below its options. */
export const loadtestHelp = `
It needs Linux; k6 2.0 or newer, or Go 1.25 or newer, which builds it (once, a minute); ffmpeg for the
recording that its own broadcast replays (once, half a minute); and two open files a real viewer
(ulimit -n). k6 and recordings are kept below XDG_CACHE_HOME, else ~/.cache. With --target it starts no
broadcast and has no model, so that nothing is validated. Progress goes to standard error, the summary
to standard output.

Exit codes: 0 passed; 99 a threshold, check, gate or budget was missed; 1 the run is void, because what
generates the load was the bottleneck, or something it needs is missing or broke; 2 wrong usage; 130
interrupted. docs/loadtest.md explains the figures.`;
