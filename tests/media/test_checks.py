from media import checks


def test_a_complete_machine_has_nothing_to_say(settings, tmp_path):
    settings.HLS_ROOT = tmp_path / "not/there/yet"
    assert checks.ffmpeg_is_found() == []
    assert checks.folders_can_be_written() == []


def test_a_missing_ffmpeg_is_named_with_a_hint(settings):
    settings.FFMPEG = "/nowhere/ffmpeg"
    (error,) = checks.ffmpeg_is_found()
    assert (error.id, "/nowhere/ffmpeg" in error.msg, "FFMPEG" in error.hint) == ("media.E001", True, True)


def test_a_folder_that_cannot_be_written_is_named_with_a_hint(settings, tmp_path):
    file = tmp_path / "file"
    file.write_text("in the way")
    settings.HLS_ROOT = file
    settings.LIBRARY_ROOT = file / "library"
    first, second = checks.folders_can_be_written()
    assert (first.id, "HLS_ROOT" in first.msg, "VAR_DIR" in first.hint) == ("media.E002", True, True)
    assert "LIBRARY_ROOT" in second.msg
