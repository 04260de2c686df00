//! Both ways: what must be masked, and what must not.

use proptest::prelude::*;

use super::*;

/// The text, and the secret in it.
const SECRETS: &[(&str, &str)] = &[
    ("Authorization: Bearer abc.def-ghi_123", "abc.def-ghi_123"),
    ("authorization=Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    (r#""Authorization": "Bearer s3cr3tt0ken""#, "s3cr3tt0ken"),
    ("Proxy-Authorization: Basic YWxhZGRpbjpvcGVuc2VzYW1l", "YWxhZGRpbjpvcGVuc2VzYW1l"),
    ("curl -H 'Authorization: token 0a1b2c3d4e5f'", "0a1b2c3d4e5f"),
    ("sent Bearer eyZ1029384756abcdef to upstream", "eyZ1029384756abcdef"),
    ("password=hunter2", "hunter2"),
    ("password = \"hunter two\"", "hunter two"),
    ("password: hunter2", "hunter2"),
    ("password: correcthorse", "correcthorse"),
    ("DB_PASSWORD=correcthorse host=db", "correcthorse"),
    ("user=bob passwd=Tr0ub4dor&3 host=x", "Tr0ub4dor"),
    ("pwd=abc;Server=db", "abc"),
    ("Server=db;Password=p,w;Database=x", "p,w"),
    ("redis:6379,password=foobared,ssl=True", "foobared"),
    (r#"{"password":"hunter2","user":"bob"}"#, "hunter2"),
    (r#"{"password": "hun\"ter2"}"#, r#"hun\"ter2"#),
    (r#"{"msg":"{\"password\":\"hunter2\",\"a\":1}"}"#, "hunter2"),
    ("{'client_secret': 'abcdef'}", "abcdef"),
    (r#"Config { password: Some("hunter2") }"#, "hunter2"),
    ("GET /x?api_key=abcdef&user=1", "abcdef"),
    ("GET /x?token=abcdefghij&user=1", "abcdefghij"),
    ("GET /x?user=1&access_token=abcdefghij HTTP/1.1", "abcdefghij"),
    ("url=https%3A%2F%2Fx%3Ftoken%3Dabcdefghij", "abcdefghij"),
    ("X-Api-Key: 12ab34cd56ef", "12ab34cd56ef"),
    ("apikey=deadbeef", "deadbeef"),
    ("secret=verysecret", "verysecret"),
    ("SECRET_KEY_BASE=qwertyuiop", "qwertyuiop"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI"),
    ("AccountKey=abcd1234efgh==;EndpointSuffix=core", "abcd1234efgh"),
    ("postgres://app:s3cret@db:5432/x", "s3cret"),
    ("postgresql://app:p@ss@db/x", "p@ss"),
    ("amqp://:onlypass@mq", "onlypass"),
    ("https://0123456789abcdef0123@github.test/x.git", "0123456789abcdef0123"),
    ("key id AKIAIOSFODNN7EXAMPLE used", "IOSFODNN7EXAMPLE"),
    ("push with ghp_0123456789abcdefghijABCDEFGHIJ012345", "0123456789abcdefghij"),
    ("ghs_0123456789abcdefghijABCDEFGHIJ012345", "0123456789abcdefghij"),
    ("github_pat_11ABCDEFG0123456789_abcdefghijkl", "11ABCDEFG"),
    ("glpat-abcDEF0123456789xyz", "abcDEF0123456789xyz"),
    ("xoxb-1234567890-abcdefghij", "1234567890-abcdefghij"),
    ("POST https://hooks.slack.com/services/T0001/B0002/XXYYZZ0011", "T0001/B0002"),
    ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", "4eC39HqLyjWDarjtT1zdp7dc"),
    ("rk_live_4eC39HqLyjWDarjtT1", "4eC39HqLyjWDarjtT1"),
    ("Incorrect API key provided: sk-proj-abcdEFGH0123456789abcd", "abcdEFGH0123456789abcd"),
    ("sk-ant-api03-abcdEFGH0123456789abcd", "abcdEFGH0123456789abcd"),
    ("AIzaSyA0123456789abcdefghijklmnopqrstuv", "SyA0123456789"),
    ("npm_abcdefghijABCDEFGHIJ0123456789abcdef", "abcdefghijABCDEFGHIJ"),
    ("https://api.telegram.org/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getMe", "AAHdqTcv"),
    ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def_ghi rejected", "eyJhbGci"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\n-----END RSA PRIVATE KEY-----", "MIIEabc"),
    ("-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNzaC1rZXk cut off", "b3BlbnNzaC1rZXk"),
    ("using key 0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
    ("session token 'Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5'", "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5"),
    ("exec mysql --password hunter2 -u root", "hunter2"),
    ("tool --api-token=abc123def", "abc123def"),
    ("Cookie: sid=abc; theme=dark", "sid=abc"),
    ("password=[abc", "abc"),
    ("password=[abc]", "abc"),
    ("password: {SSHA}x9Kq2", "x9Kq2"),
    ("password=[1,2]x y", "[1,2]x"),
    ("secret=[masked]hunter2", "hunter2"),
    ("mysql -uroot -phunter2 shop", "hunter2"),
    ("COMMAND=/usr/bin/mysqldump -p'hunter 2' shop", "hunter"),
    (r#"exec ["mysql","-uroot","-phunter2"]"#, "hunter2"),
    ("sshpass -p hunter2 ssh host", "hunter2"),
    ("redis-cli -h db -a hunter2 ping", "hunter2"),
    ("curl -s -u bob:hunter2 https://x.test", "hunter2"),
    ("java -jar x.jar -password=hunter2", "hunter2"),
    ("ALTER ROLE app WITH PASSWORD 'hunter2'", "hunter2"),
    ("CREATE USER 'a'@'%' IDENTIFIED BY 'hunter2'", "hunter2"),
    ("curl -H \"Authorization: Bearer hunter2x9\" x", "hunter2x9"),
    ("curl -H 'X-Api-Key: 12ab34cd56ef'", "12ab34cd56ef"),
    ("curl --header 'Authorization: Basic dXNlcjpwYXNz'", "dXNlcjpwYXNz"),
];

const HARMLESS: &[&str] = &[
    "password authentication failed for user \"app\"",
    "FATAL:  password authentication failed for user \"postgres\"",
    "Failed password for root from 10.0.0.1 port 22 ssh2",
    "token expired",
    "token: expired",
    "Token has expired: please log in again",
    "secret not found",
    "secret: not found",
    "MountVolume.SetUp failed for volume \"x\" : secret \"tls\" not found",
    "failed to get secret: secrets \"foo\" is forbidden",
    "invalid password",
    "password: ",
    "password: authentication failed for user bob",
    "passwd: all authentication tokens updated successfully.",
    "Unexpected token: }",
    "Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
    "print_info: EOS token = 151645 '<|im_end|>'",
    "n_token = 512, max_token=4096",
    "token_count=5 tokens: 120 total",
    "missing API key",
    "Invalid API key: missing",
    "api_key=null password=\"\"",
    "PWD=/root OLDPWD=/tmp",
    "pass: 12 fail: 3",
    "pass=12 fail=3 PASS: test_foo",
    "compass=north bypass=on",
    "cache key user:123:profile missing",
    "duplicate key value violates unique constraint \"users_pkey\"",
    "key /etc/ssl/private/server.pem: permission denied",
    "Accepted publickey for root: ED25519 SHA256:AbCdEf0123456789abcdefghijklmnopqrstuvw",
    "PGPASSWORD=$PGPASSWORD psql",
    "run with --password <password>",
    "password=${DB_PASSWORD}",
    "basic authentication required",
    "Basic auth failed",
    "Bearer token expired",
    "bearer authentication failed",
    "WWW-Authenticate: Bearer realm=\"x\"",
    "authorization failed for user bob",
    "Authorization: failed for user bob",
    "http://localhost:8080/health?x=1",
    "see https://example.test/a@b for help",
    "connect to [::1]:5432 failed",
    "disk-failure-on-node task-scheduler-with-a-long-name",
    "parser::token::next failed at secret://x",
    "npm_config_registry npm_lifecycle_event",
    "-----BEGIN CERTIFICATE-----",
    "the keyboard, a monkey and a turkey",
    "password=********",
    "commit 0123456789abcdef0123456789abcdef01234567",
    "container 4f5e6d7c8b9a started",
    "eyJ is how a JWT begins",
    "at 10:40:AA",
    "cookie: expired",
    "systemctl reset-failed indexer",
    "CancellationToken: cancelled",
    "passphrase required",
    "secret rotation finished, token refreshed",
    "session opened for user root(uid=0) by (uid=0)",
    "password=[1, 2]",
    r#"{"secret":{"name":"tls"},"n":1}"#,
    "password=[REDACTED] x={password}",
    "docker run -p 8080:80 mysql:8",
    "mysql -P 3306 -p shop",
    "journalctl -u a:b -p err",
    "ssh -p 22 host",
    "sk-learn-is-a-library-for-machine-learning",
];

#[test]
fn secrets_are_masked() {
    for (text, secret) in SECRETS {
        let masked = mask_secrets(text);
        assert!(masked.contains(MASK) && !masked.contains(secret), "{text}\n{masked}");
        assert_eq!(mask_secrets(&masked), masked, "not idempotent: {text}");
    }
}

#[test]
fn ordinary_lines_stay() {
    for text in HARMLESS {
        assert_eq!(mask_secrets(text), *text);
    }
}

#[test]
fn key_and_scheme_stay_visible() {
    assert_eq!(mask_secrets("Authorization: Bearer abc.def-ghi_123 x"), "Authorization: Bearer [masked] x");
    assert_eq!(mask_secrets("postgres://app:s3cret@db/x"), "postgres://app:[masked]@db/x");
    assert_eq!(mask_secrets(r#"{"password":"a b","n":1}"#), r#"{"password":"[masked]","n":1}"#);
    assert_eq!(mask_secrets("a?token=abcdefghij&b=1"), "a?token=[masked]&b=1");
    assert_eq!(mask_secrets("(user=a, password=b1)"), "(user=a, password=[masked])");
}

/// The bytes that scans look at, for a text made of a piece.
fn steps_for(piece: &str, size: usize) -> usize {
    let text = piece.repeat(size / piece.len());
    value::STEPS.with(|steps| steps.set(0));
    let masked = mask_secrets(&text);
    assert!(masked.len() <= 3 * text.len(), "{piece}");
    value::STEPS.with(std::cell::Cell::get)
}

#[test]
fn long_inputs_are_linear() {
    for piece in [
        "password=",
        "password:",
        "password: a,",
        "password=[masked]a",
        "password=[",
        "\"password\":\"",
        "\\\"password\\\":\\\"",
        "password 'a ",
        "eyJ",
        "eyJ=",
        "eyJ ",
        "://",
        "://a:",
        "token ",
        "token=a,",
        "key=",
        "key ",
        "sk-",
        "glpat-",
        "xoxb-a-",
        "ghp_",
        "a,",
        "Bearer ",
        "Bearer a",
        "basic ",
        "cookie:",
        "cookie: a",
        "/api/webhooks/ ",
        "1234567:AA",
        "-----BEGIN PRIVATE KEY",
        "-----BEGIN PRIVATE KEY-----[masked]",
        "mysql -p ",
        "mysql -p",
        "curl -u a",
        "secret:{",
        "token:[1,",
        "authorization: bearer ",
        "\\",
        "=",
    ] {
        let (once, twice) = (steps_for(piece, 50_000), steps_for(piece, 100_000));
        assert!(twice <= 3 * once + 10_000, "{piece}: {once} steps for 50 KB, {twice} for 100 KB");
        assert!(twice <= 100_000 * 2 * value::LOOK, "{piece}: {twice} steps for 100 KB");
    }
}

proptest! {
    #[test]
    fn masking_twice_is_masking_once(parts in prop::collection::vec(prop_oneof![
        Just("password".to_owned()), Just("token".to_owned()), Just("key ".to_owned()), Just("=".to_owned()), Just(": ".to_owned()),
        Just("\"".to_owned()), Just("\\".to_owned()), Just("'".to_owned()), Just(" ".to_owned()), Just("://u:".to_owned()),
        Just("@".to_owned()), Just("Bearer ".to_owned()), Just("ghp_0123456789abcdefghijABCDEFGHIJ".to_owned()), Just(",".to_owned()),
        Just("[".to_owned()), Just("]".to_owned()), Just("eyJa.b.c".to_owned()), Just("hunter2".to_owned()), Just("Some(".to_owned()),
        Just("authorization".to_owned()), Just("0123456789abcdef0123456789abcdef".to_owned()), "\\PC{0,4}",
    ], 0..12)) {
        let text = parts.concat();
        let once = mask_secrets(&text).into_owned();
        let twice = mask_secrets(&once).into_owned();
        prop_assert_eq!(&once, &twice, "{}", text);
    }
}
