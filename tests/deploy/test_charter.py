"""`comptoir charter check`: a charter is said in words, or refused with everything wrong."""

from pathlib import Path

from click.testing import CliRunner

from comptoir.commands.charter import charter, presets


def check(*arguments: str) -> tuple[int, str]:
    run = CliRunner().invoke(charter, ["check", *arguments])
    return run.exit_code, run.output


def test_every_preset_is_a_charter() -> None:
    assert "pas-de-calais-citizen-budget" in presets()
    for name in presets():
        status, said = check(name, "--edition", "2027")
        assert status == 0, said
        assert "2027: well formed" in said
        assert "assumed" in said


def test_a_file_that_breaks_rules_is_refused_with_all_of_them(tmp_path: Path) -> None:
    file = tmp_path / "edition.yaml"
    file.write_text(
        "preset: pas-de-calais-citizen-budget\nedition: 2027\nvote: {least: 4, paper: true}\n"
    )
    status, said = check(str(file))
    assert status == 1
    assert [line.partition(":")[0] for line in said.splitlines()] == [
        "least_over_most",
        "paper_votes",
    ]


def test_what_is_no_charter_at_all_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "edition.yaml").write_bytes(b"\xff\x00")
    status, said = check(str(tmp_path / "edition.yaml"))
    assert (status, said.startswith("not_yaml: ")) == (1, True)
