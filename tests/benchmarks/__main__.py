"""`python -m tests.benchmarks [NAME …]`: run each benchmark in a process of its own, write var/bench/NAME.json.

A benchmark is a module with `run() -> list[dict]` giving measure, value, unit, peer, peer_value, ratio.
"""

import datetime as dt
import json
import os
import platform
import subprocess
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
OUT = HERE.parents[1] / "var/bench"
KEYS = ["measure", "value", "unit", "peer", "peer_value", "ratio"]


def names():
    return sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))


def machine():
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def run_one(name):
    rows = import_module(f"tests.benchmarks.{name}").run()
    stamp = {"machine": machine(), "date": dt.datetime.now(dt.UTC).isoformat(timespec="seconds")}
    rows = [{**{key: row.get(key) for key in KEYS}, **stamp} for row in rows]
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{name}.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    for row in rows:
        peer = f"   {row['peer']} {row['peer_value']:.4g}, ratio {row['ratio']:.2f}" if row["peer"] else ""
        print(f"{name:14} {row['measure']:54} {row['value']:10.4g} {row['unit']}{peer}", flush=True)


def main(wanted):
    if len(wanted) == 1 and os.environ.get("BENCH_CHILD") == wanted[0]:
        run_one(wanted[0])
        return 0
    unknown = set(wanted) - set(names())
    if unknown:
        print(f"No such benchmark: {', '.join(unknown)}. There are: {', '.join(names())}", file=sys.stderr)
        return 2
    codes = [
        subprocess.call([sys.executable, "-m", "tests.benchmarks", name], env={**os.environ, "BENCH_CHILD": name})
        for name in wanted or names()
    ]
    return max(codes, default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
