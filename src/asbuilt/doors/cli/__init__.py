"""The command line: `asbuilt`, for who owns the home folder.

Each command turns its words into one action or one query of a room and prints what came back; it knows no rules. It acts
for tenant `main` as the local system account. Standard output holds what was asked for (with `--format json` one JSON
document and nothing else), everything else goes to standard error. Commands that need no record (`verify`, `--help`)
load no Django. It refuses nothing itself but words it does not know; exit codes are those of `asbuilt.kernel.errors`.
"""
