"""Settings: every type, files for secrets, and errors that name the variable and not its value."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import Any

import pytest

from config.settings import PREFIX, READ, Settings, WrongSettingError, environment_for, load

SECRET = "CANARY7"
EXAMPLE: dict[str, tuple[str, object]] = {
    "str": ("sqlite:///x", "sqlite:///x"),
    "int": ("17", 17),
    "bool": ("yes", True),
    "Path": ("/srv/chartline", Path("/srv/chartline")),
    "Path | None": ("rules.yaml", Path("rules.yaml")),
}
BY_NAME = {setting.name: str(setting.type) for setting in fields(Settings)}
WRONG = [(name, kind) for name, kind in BY_NAME.items() if kind in {"int", "bool"}]


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests."""
    for name in BY_NAME:
        for variable in (f"{PREFIX}{name.upper()}", f"{PREFIX}{name.upper()}_FILE"):
            monkeypatch.delenv(variable, raising=False)


def test_without_variables_the_line_is_embedded() -> None:
    settings = load()
    assert settings == Settings()
    assert settings.store == "sqlite:///var/chartline.sqlite"
    assert not settings.is_distributed


def test_every_kind_of_setting_can_be_read() -> None:
    assert set(BY_NAME.values()) <= set(EXAMPLE) == set(READ)


@pytest.mark.parametrize("name", BY_NAME)
def test_each_setting_is_read_from_the_variable_of_its_name(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, value = EXAMPLE[BY_NAME[name]]
    monkeypatch.setenv(f"{PREFIX}{name.upper()}", text)
    assert getattr(load(), name) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", True), ("TRUE", True), ("On", True), ("0", False), ("no", False), ("off", False)],
)
def test_a_switch_is_said_in_several_ways(
    text: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHARTLINE_LOG_JSON", text)
    assert load().log_json is value


@pytest.mark.parametrize(("name", "kind"), WRONG)
def test_a_wrong_value_is_named_by_its_variable_and_not_repeated(
    name: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable = f"{PREFIX}{name.upper()}"
    monkeypatch.setenv(variable, SECRET)
    with pytest.raises(WrongSettingError) as caught:
        load()
    assert str(caught.value) == f"{variable}: is not of type {kind}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_batch_of_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARTLINE_BATCH_SIZE", "0")
    with pytest.raises(WrongSettingError, match="CHARTLINE_BATCH_SIZE"):
        load()


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"postgresql://u:{SECRET}@h/d\n")
    monkeypatch.setenv("CHARTLINE_STORE_URL", "sqlite:///not-this")
    monkeypatch.setenv("CHARTLINE_STORE_URL_FILE", str(secret))
    assert load().store == f"postgresql://u:{SECRET}@h/d"


def test_a_number_may_stand_in_a_file_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "n").write_text(SECRET)
    monkeypatch.setenv("CHARTLINE_BATCH_SIZE_FILE", str(tmp_path / "n"))
    with pytest.raises(WrongSettingError) as caught:
        load()
    assert SECRET not in str(caught.value)
    (tmp_path / "n").write_text(" 9 \n")
    assert load().batch_size == 9


def test_a_secret_file_that_cannot_be_read_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CHARTLINE_BROKER_URL_FILE", str(tmp_path / "none"))
    with pytest.raises(OSError, match="none"):
        load()


def test_a_setting_that_names_a_file_is_that_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARTLINE_PAYERS_FILE", "payers.yaml")
    assert load().payers_file == Path("payers.yaml")


def test_what_the_caller_says_stands_above_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHARTLINE_LOG_LEVEL", "DEBUG")
    assert load(log_level="ERROR").log_level == "ERROR"


def test_a_broker_makes_the_line_distributed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARTLINE_BROKER_URL", "amqp://h")
    assert load().is_distributed


def test_settings_do_not_change() -> None:
    settings: Any = Settings()
    with pytest.raises(FrozenInstanceError):
        settings.log_level = "DEBUG"


def test_a_child_process_gets_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(
        data_dir=Path("/srv/x"),
        store_url="postgresql://h/d",
        log_json=False,
        payers_file=Path("p.yaml"),
        batch_size=3,
    )
    environment = environment_for(settings)
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    assert load() == settings
    assert "PATH" in environment
