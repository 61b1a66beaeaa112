#!/usr/bin/env python3
"""Measure a terminal app from outside: time to first frame, memory, key latency.

The command runs in a pty of its own. A reader thread timestamps every chunk the
command writes; the chunks are then fed to a pyte screen, so a slow parse never
counts against the command. A small responder answers the queries a real terminal
would answer (DA1, DSR, DECRQM, kitty flags, OSC 10/11, window size), because many
apps wait for those replies before they draw.

Needs: Linux (/proc), Python >= 3.9, `pip install pyte`. Nothing else.

    first_frame.py --until 'REGEX' -- CMD ARGS...
    first_frame.py --until 'Send' --runs 7 --warmup 1 --json out.json -- posting
    first_frame.py --until 'Inbox' --step key:tab --step measure:down*100 -- app
    first_frame.py --until 'Inbox' --step 'measure-type:hello world' -- app
    first_frame.py --until 'Inbox' --step key:enter --step 'time:Conversation' -- app

Steps run in order after --until has matched:
    key:K[*N]          send key K (N times, 20 ms apart), wait for quiet
    type:TEXT          send TEXT one character at a time, wait for quiet
    wait:REGEX         wait until REGEX is on screen
    sleep:SECONDS      just wait (output is still read)
    measure:K[,K2][*N] send K (cycling over the list) N times, one at a time, and
                       record key -> first changed frame for each
    measure-type:TEXT  the same for every character of TEXT
    time:K=>REGEX      send K, record milliseconds until REGEX is on screen
    burst:K*N          write N keys at once, record milliseconds until output is quiet
    show               print the screen now

Keys: a single character, enter tab esc space backspace up down left right home end
pageup pagedown insert delete f1..f12, ctrl+x, alt+x, shift+tab, ctrl+enter
(CSI 13;5u), shift+enter, alt+enter, hex:1b5b41 (raw bytes).

What is reported for each run:
    first_byte   first byte the command wrote
    first_text   first frame with any visible text
    ready        first frame that matches --until      <- "time to first frame"
    settled      last output before --quiet ms of silence (from `ready` on)
    cpu          user+system CPU of the process tree at `ready`, in ms
    rss_peak     sum over the tree of each process's peak RSS (VmHWM), in MiB
    pss          sum over the tree of PSS after settling, in MiB (shared pages split)
A key that changed nothing within --key-timeout counts as `missed`, not as a latency.
A visible terminal cursor that moved counts as a change. If a clock or a spinner on
screen repaints by itself, restrict the comparison with --region.
"""

from __future__ import annotations

import argparse
import codecs
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import statistics
import struct
import sys
import tempfile
import termios
import threading
import time
from collections import deque
from dataclasses import dataclass, field

import pyte

sys.setswitchinterval(0.0005)

KEYS = {
    "enter": b"\r", "tab": b"\t", "esc": b"\x1b", "escape": b"\x1b", "space": b" ",
    "backspace": b"\x7f", "up": b"\x1b[A", "down": b"\x1b[B", "right": b"\x1b[C",
    "left": b"\x1b[D", "home": b"\x1b[H", "end": b"\x1b[F", "pageup": b"\x1b[5~",
    "pagedown": b"\x1b[6~", "insert": b"\x1b[2~", "delete": b"\x1b[3~",
    "f1": b"\x1bOP", "f2": b"\x1bOQ", "f3": b"\x1bOR", "f4": b"\x1bOS",
    "f5": b"\x1b[15~", "f6": b"\x1b[17~", "f7": b"\x1b[18~", "f8": b"\x1b[19~",
    "f9": b"\x1b[20~", "f10": b"\x1b[21~", "f11": b"\x1b[23~", "f12": b"\x1b[24~",
    "shift+tab": b"\x1b[Z", "ctrl+enter": b"\x1b[13;5u", "shift+enter": b"\x1b[13;2u",
    "alt+enter": b"\x1b\r", "ctrl+space": b"\x00", "ctrl+@": b"\x00",
    "ctrl+home": b"\x1b[1;5H", "ctrl+end": b"\x1b[1;5F",
    "ctrl+up": b"\x1b[1;5A", "ctrl+down": b"\x1b[1;5B",
    "ctrl+right": b"\x1b[1;5C", "ctrl+left": b"\x1b[1;5D",
    "ctrl+[": b"\x1b", "ctrl+\\": b"\x1c", "ctrl+]": b"\x1d", "ctrl+_": b"\x1f",
}  # fmt: skip


def key_bytes(name: str) -> bytes:
    """The bytes a terminal would send for a key name."""
    if name in KEYS:
        return KEYS[name]
    if name.startswith("hex:"):
        return bytes.fromhex(name[4:])
    if name.startswith("ctrl+") and len(name) == 6 and name[5].isalpha():
        return bytes([ord(name[5].upper()) & 0x1F])
    if name.startswith("alt+"):
        return b"\x1b" + key_bytes(name[4:])
    if len(name) == 1:
        return name.encode()
    raise ValueError(f"unknown key {name!r}")


# One complete escape sequence: CSI, OSC/DCS/APC/PM/SOS string, charset, or two-byte.
_SEQ = re.compile(
    r"\x1b(?:\[([0-9:;<=>?]*)([ -/]*)([@-~])"
    r"|([\]PX^_])(.*?)(?:\x1b\\|\x07)"
    r"|[ -/]+[0-~]|[0-Z\\`-~])",
    re.DOTALL,
)
_QUERY_MODES = {"2026": 2, "2004": 2, "1004": 2, "2027": 0, "2048": 0, "2031": 0}


class Terminal:
    """A pyte screen that survives modern escape sequences and answers queries."""

    def __init__(self, cols: int, rows: int, reply, kitty: bool = False) -> None:
        self.screen = pyte.Screen(cols, rows)
        self.stream = pyte.Stream(self.screen)
        self.reply = reply
        self.kitty = kitty
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pending = ""

    def feed(self, data: bytes) -> None:
        text = self._pending + self._decoder.decode(data)
        self._pending = ""
        out: list[str] = []
        pos = 0
        while True:
            esc = text.find("\x1b", pos)
            if esc < 0:
                out.append(text[pos:])
                break
            out.append(text[pos:esc])
            match = _SEQ.match(text, esc)
            if match is None:
                if len(text) - esc > 65536:  # never-ending string: give up on it
                    pos = esc + 1
                    continue
                self._pending = text[esc:]
                break
            out.append(self._sequence(match))
            pos = match.end()
        chunk = "".join(out)
        if chunk:
            try:
                self.stream.feed(chunk)
            except Exception:  # pyte rejects a few legal sequences; keep going
                self.stream = pyte.Stream(self.screen)

    def _sequence(self, match: re.Match[str]) -> str:
        params, inter, final, kind, body = match.groups()
        if kind:
            self._string(kind, body or "")
            return ""
        if final is None:
            return match.group(0)
        if final == "c" and params in ("", "0"):
            self.reply(b"\x1b[?62;22c")
        elif final == "c" and params.startswith(">"):
            self.reply(b"\x1b[>1;10;0c")
        elif final == "n" and params == "6":
            cursor = self.screen.cursor
            self.reply(f"\x1b[{cursor.y + 1};{cursor.x + 1}R".encode())
        elif final == "n" and params == "5":
            self.reply(b"\x1b[0n")
        elif final == "p" and inter == "$":
            mode = params.lstrip("?")
            self.reply(f"\x1b[?{mode};{_QUERY_MODES.get(mode, 0)}$y".encode())
        elif final == "u" and params.startswith("?") and self.kitty:
            self.reply(b"\x1b[?0u")
        elif final == "q" and params.startswith(">"):
            self.reply(b"\x1bP>|first_frame\x1b\\")
        elif final == "t" and params in ("14", "16", "18"):
            cols, rows = self.screen.columns, self.screen.lines
            self.reply(
                {
                    "14": f"\x1b[4;{rows * 16};{cols * 8}t",
                    "16": "\x1b[6;16;8t",
                    "18": f"\x1b[8;{rows};{cols}t",
                }[params].encode()
            )
        if inter or params[:1] in ("<", ">", "="):
            return ""
        if params.startswith("?"):
            return match.group(0) if final in "hl" else ""
        if final == "m" and ":" in params:
            params = re.sub(r"4:\d+", "4", params).replace("::", ":").replace(":", ";")
            return f"\x1b[{params}m"
        if final in "tuq":
            return ""
        return match.group(0)

    def _string(self, kind: str, body: str) -> None:
        if kind == "]" and body in ("10;?", "11;?"):
            colour = "ffff/ffff/ffff" if body[:2] == "10" else "0000/0000/0000"
            self.reply(f"\x1b]{body[:2]};rgb:{colour}\x1b\\".encode())
        elif kind == "P" and body.startswith("+q"):
            self.reply(b"\x1bP0+r\x1b\\")
        elif kind == "_" and body.startswith("G") and "a=q" in body:
            pass  # no kitty graphics here: silence means "unsupported"

    def text(self) -> str:
        return "\n".join(self.screen.display)

    def snapshot(self) -> dict[int, tuple]:
        """Every cell with its style, by row, so that a moved highlight is a change."""
        buffer = self.screen.buffer
        cols = range(self.screen.columns)
        return {y: tuple(buffer[y][x] for x in cols) for y in range(self.screen.lines)}


@dataclass
class Run:
    first_byte: float | None = None
    first_text: float | None = None
    ready: float | None = None
    settled: float | None = None
    cpu: float | None = None
    rss_peak: float | None = None
    rss_main: float | None = None
    pss: float | None = None
    bytes: int = 0
    exit: int | None = None
    latencies: dict[str, list[float]] = field(default_factory=dict)
    missed: dict[str, int] = field(default_factory=dict)
    timings: dict[str, float | None] = field(default_factory=dict)
    screen: str = ""
    error: str | None = None


def tree(pid: int) -> list[int]:
    """The process and all its living descendants."""
    found, queue = [], [pid]
    while queue:
        current = queue.pop()
        found.append(current)
        try:
            for task in os.listdir(f"/proc/{current}/task"):
                with open(f"/proc/{current}/task/{task}/children") as handle:
                    queue.extend(int(child) for child in handle.read().split())
        except OSError:
            continue
    return found


def _status(pid: int, name: str, path: str = "status") -> float:
    try:
        with open(f"/proc/{pid}/{path}") as handle:
            for line in handle:
                if line.startswith(name):
                    return int(line.split()[1]) / 1024
    except (OSError, ValueError):
        pass
    return 0.0


def _cpu_ms(pids: list[int]) -> float:
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat") as handle:
                fields = handle.read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        except (OSError, IndexError, ValueError):
            continue
    return total * 1000 / ticks


class Session:
    """One run of the command in a pty, with its screen and its clock."""

    def __init__(self, argv: list[str], opts: argparse.Namespace, env: dict[str, str]):
        self.opts = opts
        self.argv = argv
        self.run = Run()
        self.chunks: deque[tuple[float, bytes]] = deque()
        self.eof = False
        self.tail = b""
        self.last_output = 0.0
        self._hwm: dict[int, float] = {}
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            size = struct.pack("HHHH", opts.rows, opts.cols, opts.cols * 8, opts.rows * 16)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            try:
                if opts.cwd:
                    os.chdir(opts.cwd)
                os.execvpe(argv[0], argv, env)
            except OSError as error:
                os.write(2, f"cannot start {argv[0]}: {error}\n".encode())
                os._exit(127)
        self.terminal = Terminal(opts.cols, opts.rows, self.write, opts.kitty)
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._sample, daemon=True).start()

    def write(self, data: bytes) -> None:
        try:
            os.write(self.fd, data)
        except OSError:
            self.eof = True

    def _read(self) -> None:
        while True:
            try:
                ready, _, _ = select.select([self.fd], [], [], 1.0)
                if not ready:
                    continue
                data = os.read(self.fd, 1 << 16)
            except (OSError, ValueError):
                data = b""
            now = time.perf_counter()
            if not data:
                self.eof = True
                return
            self.last_output = now
            self.tail = (self.tail + data)[-4000:]
            self.chunks.append((now, data))

    def _sample(self) -> None:
        while not self.eof:
            for pid in tree(self.pid):
                peak = _status(pid, "VmHWM:")
                if peak:
                    self._hwm[pid] = max(peak, self._hwm.get(pid, 0))
            time.sleep(0.05)

    def pump(self) -> float | None:
        """Feed one chunk to the screen; its arrival time, or None when none waits."""
        try:
            stamp, data = self.chunks.popleft()
        except IndexError:
            return None
        run = self.run
        run.bytes += len(data)
        if run.first_byte is None:
            run.first_byte = self.ms(stamp)
        self.terminal.feed(data)
        if run.first_text is None and self.terminal.text().strip():
            run.first_text = self.ms(stamp)
        return stamp

    def ms(self, stamp: float) -> float:
        return (stamp - self.started) * 1000

    def wait_regex(self, pattern: re.Pattern[str], timeout: float) -> float | None:
        """Arrival time of the first chunk after which the pattern is on screen."""
        deadline = time.perf_counter() + timeout
        if pattern.search(self.terminal.text()):
            return time.perf_counter()
        while time.perf_counter() < deadline:
            stamp = self.pump()
            if stamp is None:
                if self.eof:
                    return None
                time.sleep(0.0005)
            elif pattern.search(self.terminal.text()):
                return stamp
        return None

    def quiet(self, quiet_ms: float, timeout: float = 5.0) -> float:
        """Read until nothing arrives for quiet_ms; the time of the last output."""
        deadline = time.perf_counter() + timeout
        last = time.perf_counter()
        mark = last
        while time.perf_counter() < deadline and not (self.eof and not self.chunks):
            stamp = self.pump()
            if stamp is not None:
                last = stamp
                mark = time.perf_counter()
            elif (time.perf_counter() - mark) * 1000 >= quiet_ms:
                break
            else:
                time.sleep(0.0005)
        return last

    def press(self, data: bytes, label: str) -> None:
        """Send one key and record the time to the first frame that differs."""
        self.quiet(self.opts.key_quiet, 2.0)
        before = self.terminal.snapshot()
        cursor = (self.terminal.screen.cursor.x, self.terminal.screen.cursor.y)
        sent = time.perf_counter()
        self.write(data)
        deadline = sent + self.opts.key_timeout
        while time.perf_counter() < deadline:
            stamp = self.pump()
            if stamp is None:
                if self.eof:
                    break
                time.sleep(0.0002)
                continue
            screen = self.terminal.screen
            moved = (screen.cursor.x, screen.cursor.y) != cursor
            if self.opts.region or screen.cursor.hidden:
                moved = False  # apps that hide the cursor draw their own
            if moved or self._differs(before):
                self.run.latencies.setdefault(label, []).append((stamp - sent) * 1000)
                return
        self.run.missed[label] = self.run.missed.get(label, 0) + 1

    def _differs(self, before: dict[int, tuple]) -> bool:
        now = self.terminal.snapshot()
        top, bottom, left, right = self.opts.region or (0, 10**6, 0, 10**6)
        return any(now[y][left:right] != before.get(y, ())[left:right] for y in now if top <= y < bottom)

    def memory(self) -> None:
        pids = tree(self.pid)
        for pid in pids:
            peak = _status(pid, "VmHWM:")
            self._hwm[pid] = max(peak, self._hwm.get(pid, 0))
        self.run.rss_peak = sum(self._hwm.values())
        self.run.rss_main = self._hwm.get(self.pid)
        self.run.pss = sum(_status(pid, "Pss:", "smaps_rollup") for pid in pids)

    def step(self, text: str) -> None:
        kind, _, rest = text.partition(":")
        opts = self.opts
        if kind == "key":
            name, count = _times(rest)
            for _ in range(count):
                self.write(key_bytes(name))
                time.sleep(0.02)
            self.quiet(opts.quiet)
        elif kind == "type":
            for char in rest:
                self.write(char.encode())
                time.sleep(0.02)
            self.quiet(opts.quiet)
        elif kind == "wait":
            if self.wait_regex(re.compile(rest), opts.timeout) is None:
                raise TimeoutError(f"{rest!r} never came on screen")
        elif kind == "sleep":
            self.quiet(1e9, float(rest))
        elif kind == "measure":
            names, count = _times(rest)
            cycle = names.split(",") if len(names) > 1 else [names]
            for index in range(count):
                self.press(key_bytes(cycle[index % len(cycle)]), names)
        elif kind == "measure-type":
            for char in rest:
                self.press(char.encode(), "type")
        elif kind == "time":
            name, _, pattern = rest.partition("=>")
            self.quiet(opts.key_quiet)
            sent = time.perf_counter()
            self.write(key_bytes(name))
            stamp = self.wait_regex(re.compile(pattern), opts.timeout)
            self.run.timings[rest] = None if stamp is None else (stamp - sent) * 1000
        elif kind == "burst":
            name, count = _times(rest)
            self.quiet(opts.key_quiet)
            sent = time.perf_counter()
            self.write(key_bytes(name) * count)
            last = self.quiet(opts.quiet, opts.timeout)
            self.run.timings[text] = (last - sent) * 1000
        elif kind == "show":
            print(self.terminal.text(), file=sys.stderr)
        else:
            raise ValueError(f"unknown step {text!r}")

    def close(self) -> None:
        """Ask the command to quit, then end its own session, and only that."""
        for name in self.opts.quit:
            self.write(key_bytes(name))
            time.sleep(0.05)
        for sig, patience in ((None, 1.5), (signal.SIGTERM, 1.0), (signal.SIGKILL, 2.0)):
            if sig is not None:
                for pid in reversed(tree(self.pid)):
                    try:
                        os.kill(pid, sig)
                    except ProcessLookupError:
                        pass
            end = time.perf_counter() + patience
            while time.perf_counter() < end:
                self.chunks.clear()
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self.run.exit = os.waitstatus_to_exitcode(status)
                    os.close(self.fd)
                    return
                time.sleep(0.01)


def _times(text: str) -> tuple[str, int]:
    match = re.fullmatch(r"(.+)\*(\d+)", text)
    return (match[1], int(match[2])) if match else (text, 1)


def _use_home(env: dict[str, str], home: str) -> None:
    """Point HOME and the XDG directories at `home`, made if need be."""
    env["HOME"] = home
    for name in ("CONFIG", "DATA", "CACHE", "STATE"):
        env[f"XDG_{name}_HOME"] = path = os.path.join(home, name.lower())
        os.makedirs(path, exist_ok=True)


def once(argv: list[str], opts: argparse.Namespace) -> Run:
    env = dict(os.environ, TERM=opts.term, COLORTERM="truecolor")
    for name in ("TMUX", "STY", "CI", "NO_COLOR", "COLUMNS", "LINES"):
        env.pop(name, None)
    env.setdefault("LANG", "C.UTF-8")
    home = None
    if opts.fresh_home:
        home = tempfile.mkdtemp(prefix="ff-home-")
        _use_home(env, home)
    elif opts.home:
        _use_home(env, os.path.abspath(opts.home))
    env.update(item.split("=", 1) for item in opts.env)
    if opts.drop_caches:
        os.sync()
        with open("/proc/sys/vm/drop_caches", "w") as handle:
            handle.write("3")
    session = Session(argv, opts, env)
    run = session.run
    try:
        stamp = session.wait_regex(re.compile(opts.until), opts.timeout)
        if stamp is None:
            while session.pump() is not None:
                pass
            state = "the command ended" if session.eof else f"{opts.timeout:g} s passed"
            tail = _SEQ.sub("", session.tail.decode(errors="replace"))[-600:]
            run.error = f"{opts.until!r} never came on screen ({state}); last output: {tail!r}"
        else:
            run.ready = session.ms(stamp)
            run.cpu = _cpu_ms(tree(session.pid))
            run.settled = session.ms(max(stamp, session.quiet(opts.quiet, 10.0)))
            for text in opts.step:
                session.step(text)
        session.memory()
    except Exception as error:
        run.error = f"{type(error).__name__}: {error}"
    finally:
        run.screen = session.terminal.text()
        session.close()
        if home:
            shutil.rmtree(home, ignore_errors=True)
    return run


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    index = min(len(ordered) - 1, max(0, round(share * (len(ordered) - 1))))
    return ordered[index]


def summarise(runs: list[Run]) -> dict:
    out: dict = {"runs": len(runs), "errors": [r.error for r in runs if r.error]}
    for name in ("first_byte", "first_text", "ready", "settled", "cpu", "rss_peak", "rss_main", "pss"):
        values = [v for r in runs if (v := getattr(r, name)) is not None]
        if values:
            out[name] = {
                "median": round(statistics.median(values), 1),
                "min": round(min(values), 1),
                "max": round(max(values), 1),
            }
    keys: dict[str, list[float]] = {}
    missed: dict[str, int] = {}
    for run in runs:
        for name, values in run.latencies.items():
            keys.setdefault(name, []).extend(values)
        for name, count in run.missed.items():
            missed[name] = missed.get(name, 0) + count
    out["latency_ms"] = {
        name: {
            "n": len(values),
            "median": round(statistics.median(values), 2),
            "p95": round(percentile(values, 0.95), 2),
            "p99": round(percentile(values, 0.99), 2),
            "max": round(max(values), 2),
            "missed": missed.get(name, 0),
        }
        for name, values in keys.items()
    }
    for name, count in missed.items():
        out["latency_ms"].setdefault(name, {"n": 0, "missed": count})
    timings: dict[str, list[float]] = {}
    for run in runs:
        for name, value in run.timings.items():
            timings.setdefault(name, []).append(float("nan") if value is None else value)
    out["timings_ms"] = {name: round(statistics.median(values), 1) for name, values in timings.items()}
    return out


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--until", required=True, help="regex that means the first frame is up")
    parser.add_argument("--step", action="append", default=[], help="see above; repeatable")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--warmup", type=int, default=0, help="runs thrown away first")
    parser.add_argument("--cols", type=int, default=140)
    parser.add_argument("--rows", type=int, default=40)
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds for --until, wait:, time:")
    parser.add_argument("--quiet", type=float, default=250.0, help="ms of silence that means settled")
    parser.add_argument(
        "--key-quiet", type=float, default=40.0, help="ms of silence before each measured key"
    )
    parser.add_argument(
        "--key-timeout", type=float, default=1.0, help="seconds before a key counts as missed"
    )
    parser.add_argument(
        "--region",
        type=lambda s: tuple(map(int, s.split(","))),
        help="top,bottom,left,right: only changes there count (0-based, half-open)",
    )
    parser.add_argument("--env", action="append", default=[], metavar="K=V")
    parser.add_argument("--cwd")
    parser.add_argument("--term", default="xterm-256color")
    parser.add_argument("--kitty", action="store_true", help="answer the kitty keyboard query")
    parser.add_argument("--home", help="HOME and XDG dirs for the command (kept between runs)")
    parser.add_argument("--fresh-home", action="store_true", help="an empty HOME for every run")
    parser.add_argument("--drop-caches", action="store_true", help="cold page cache (root) for every run")
    parser.add_argument("--quit", action="append", help="keys that quit (default: ctrl+q)")
    parser.add_argument("--json", help="write the summary and every run here")
    parser.add_argument("--show", action="store_true", help="print the last screen")
    parser.add_argument("--label", default="")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    opts = parser.parse_args()
    opts.quit = opts.quit or ["ctrl+q"]
    argv = opts.command[1:] if opts.command[:1] == ["--"] else opts.command
    if not argv:
        parser.error("no command")
    for _ in range(opts.warmup):
        once(argv, opts)
    runs = [once(argv, opts) for _ in range(opts.runs)]
    summary = summarise(runs)
    label = opts.label or os.path.basename(argv[0])

    def row(name: str, unit: str) -> str:
        cell = summary.get(name)
        return f"{name} {cell['median']:g}{unit} [{cell['min']:g}-{cell['max']:g}]" if cell else f"{name} -"

    print(
        f"{label}: "
        + "  ".join(
            [
                row("first_text", "ms"),
                row("ready", "ms"),
                row("settled", "ms"),
                row("cpu", "ms"),
                row("rss_peak", "MiB"),
                row("pss", "MiB"),
                f"runs={len(runs)}",
            ]
        )
    )
    for name, cell in summary["latency_ms"].items():
        if cell["n"]:
            print(
                f"  key {name}: median {cell['median']} ms  p95 {cell['p95']} ms  p99 {cell['p99']} ms  "
                f"max {cell['max']} ms  n={cell['n']} missed={cell['missed']}"
            )
        else:
            print(f"  key {name}: no change seen (missed={cell['missed']})")
    for name, value in summary["timings_ms"].items():
        print(f"  {name}: {value} ms")
    for error in summary["errors"]:
        print(f"  ERROR {error}")
    if opts.show or summary["errors"]:
        print("\n".join(line.rstrip() for line in runs[-1].screen.splitlines()))
    if opts.json:
        with open(opts.json, "w") as handle:
            json.dump(
                {"label": label, "argv": argv, "summary": summary, "runs": [vars(r) for r in runs]},
                handle,
                indent=1,
            )
    return 1 if summary["errors"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
