"""``grafana``: files for those who run Grafana."""

import json

from tests.cli.program import Program


def test_files_are_written_and_named(program: Program) -> None:
    """Each on a line of stdout, and nothing else there."""
    done = program("grafana", "export", "to", "--password-file", "/run/secrets/p")
    assert (done.code, done.err) == (0, "")
    names = done.out.splitlines()
    assert "to/dashboards/perps-stats-overview.json" in names
    assert "to/provisioning/datasources/perps-stats.yml" in names
    texts = {name: (program.directory / name).read_text(encoding="utf-8") for name in names}
    assert '"$__file{/run/secrets/p}"' in texts["to/provisioning/datasources/perps-stats.yml"]
    assert json.loads(texts["to/dashboards/perps-stats-funding.json"])["title"] == "Perps: funding"


def test_a_directory_that_is_none_is_one_clear_line(program: Program) -> None:
    """Usage errors exit with 2, what cannot be written with 1; neither shows a traceback."""
    (program.directory / "file").write_text("")
    done = program("grafana", "export", "file")
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    (program.directory / "there").mkdir()
    (program.directory / "there/dashboards").write_text("")
    done = program("grafana", "export", "there")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "cannot be written" in done.err
