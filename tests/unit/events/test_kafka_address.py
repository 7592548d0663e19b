"""The URL of a Kafka cluster: what it becomes for the client, and what is said when it is wrong."""

from pathlib import Path

import pytest

from shared.errors import InvalidInput
from shared.events.kafka.address import client_options
from shared.events.log import open_log


def test_a_plain_url_names_every_broker() -> None:
    assert client_options("kafka://one:9092,[::1]:9093/") == {
        "bootstrap_servers": ["one:9092", "[::1]:9093"],
        "security_protocol": "PLAINTEXT",
    }


def test_a_user_signs_in_over_tls_by_scram_and_special_characters_are_decoded() -> None:
    options = client_options("kafka+ssl://coding%40ahead:p%3Ass%2Fword@broker:9093")
    assert options["security_protocol"] == "SASL_SSL"
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("coding@ahead", "p:ss/word")


def test_files_of_tls_and_the_mechanism_are_options_of_the_url(tmp_path: Path) -> None:
    for name in ("ca.pem", "client.pem", "client.key"):
        (tmp_path / name).touch()
    files = f"cafile={tmp_path}/ca.pem&certfile={tmp_path}/client.pem&keyfile={tmp_path}/client.key"
    assert client_options(f"kafka+ssl://broker:9093?{files}") == {
        "bootstrap_servers": ["broker:9093"],
        "security_protocol": "SSL",
        "ssl_cafile": f"{tmp_path}/ca.pem",
        "ssl_certfile": f"{tmp_path}/client.pem",
        "ssl_keyfile": f"{tmp_path}/client.key",
    }
    assert client_options("kafka://me:secret@broker:9092?mechanism=PLAIN")["sasl_mechanism"] == "PLAIN"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("kafka://broker", "'broker'; host:port is needed"),
        ("kafka://broker:0", "host:port is needed"),
        ("kafka://,", "names no broker"),
        ("kafka://me@broker:9092", "not user:password before it"),
        ("kafka://me:secret@broker:9092?mechanism=GSSAPI", "there is SCRAM-SHA-512"),
        ("kafka://broker:9092?cafile=/ca.pem", "the option 'cafile'; with this beginning it takes none"),
        ("kafka+ssl://broker:9093?cafile=/not/there.pem", "'/not/there.pem' as its cafile, which is not a file"),
        ("kafka+ssl://broker:9093?certfile=/etc/hostname", "needs both"),
        ("kafka+ssl://broker:9093?verify=no", "the option 'verify'"),
        ("kafka+ssl://broker:9093?verify", "not of the form"),
        ("kafkas://broker:9093", "kafka.ssl://host:port"),
    ],
)
def test_a_url_that_is_wrong_is_told_without_its_password(url: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence) as refused:
        open_log(url)
    assert "secret" not in refused.value.message
