def test_documents_are_written_checked_and_found_stale(baliza, tmp_path):
    assert baliza("docs", "--check").exit_code == 1

    written = baliza("docs")
    assert "docs/dag/baliza.svg" in written.output
    assert "of the present code" in baliza("docs").output
    assert baliza("docs", "--check").exit_code == 0

    (tmp_path / "docs" / "dictionary" / "mart.md").write_text("")
    stale = baliza("docs", "--check")
    assert stale.exit_code == 1
    assert "dictionary/mart.md" in stale.stderr
    assert "baliza docs --output docs" in stale.stderr
