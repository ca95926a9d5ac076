"""The figures as one self-contained HTML page."""

from collections.abc import Iterable
from html import escape

from server.profiling.report import COLUMNS, Profile, advice, cells

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<style>
  body {{ font-family: sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem }}
  td, th {{ text-align: right; padding: 0.2rem 0.8rem }}
  svg {{ max-width: 100%; height: auto }}
</style>
<h1>{title}</h1>
{advice}
{picture}
<table>
{table}
</table>
</html>
"""


def page(profile: Profile, svg: str) -> str:
    """`svg`: the plot, as a document."""
    rows = [_row("th", COLUMNS), *(_row("td", cells(each)) for each in profile.figures)]
    return _PAGE.format(
        title=escape(profile.title),
        advice="\n".join(f"<p>{escape(each)}</p>" for each in advice(profile)),
        picture=svg[svg.index("<svg") :],
        table="\n".join(rows),
    )


def _row(tag: str, texts: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(each)}</{tag}>" for each in texts) + "</tr>"
