//! The words that announce a secret, and what each tells us to look for.

use super::value::Name;

/// What a keyword tells us to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The name of a secret: a value may follow.
    Key(Name),
    /// `Authorization`: a scheme and a value follow.
    Authorization,
    /// `Bearer` or `Basic` on its own.
    Bearer,
    /// As above.
    Basic,
    /// `Cookie` or `Set-Cookie`.
    Cookie,
    /// `://`: credentials may follow.
    Url,
    /// A vendor's prefix: so many characters of the token follow at least; case counts.
    Prefix(&'static str, usize),
    /// The path of a web hook.
    Hook,
    /// `eyJ`: three parts with dots between them.
    Jwt,
    /// `:AA` in `bot123456:AA...`.
    Telegram,
    /// `-----BEGIN ... PRIVATE KEY`.
    Pem,
    /// A short option of a client that takes a secret on its command line: `mysql -pSECRET`, `curl -u user:SECRET`.
    Option(u8),
    /// `IDENTIFIED BY`: a value in quotes follows.
    Sql,
}

/// All words; case does not count, unless a look asks for it.
pub(super) const KEYWORDS: &[(&str, Look)] = &[
    ("password", Look::Key(Name::Password)),
    ("passwd", Look::Key(Name::Password)),
    ("passphrase", Look::Key(Name::Password)),
    ("pwd", Look::Key(Name::Directory)),
    ("pass", Look::Key(Name::Pass)),
    ("secret", Look::Key(Name::Secret)),
    ("token", Look::Key(Name::Token)),
    ("key", Look::Key(Name::Bare)),
    ("api_key", Look::Key(Name::Secret)),
    ("api-key", Look::Key(Name::Secret)),
    ("apikey", Look::Key(Name::Secret)),
    ("access_key", Look::Key(Name::Secret)),
    ("access-key", Look::Key(Name::Secret)),
    ("accesskey", Look::Key(Name::Secret)),
    ("secret_key", Look::Key(Name::Secret)),
    ("secret-key", Look::Key(Name::Secret)),
    ("secretkey", Look::Key(Name::Secret)),
    ("secret_key_base", Look::Key(Name::Secret)),
    ("private_key", Look::Key(Name::Secret)),
    ("privatekey", Look::Key(Name::Secret)),
    ("signing_key", Look::Key(Name::Secret)),
    ("encryption_key", Look::Key(Name::Secret)),
    ("accountkey", Look::Key(Name::Secret)),
    ("master_key", Look::Key(Name::Secret)),
    ("auth_key", Look::Key(Name::Secret)),
    ("x-amz-signature", Look::Key(Name::Secret)),
    ("&sig", Look::Key(Name::Pass)),
    ("?sig", Look::Key(Name::Pass)),
    ("authorization", Look::Authorization),
    ("bearer ", Look::Bearer),
    ("basic ", Look::Basic),
    ("cookie", Look::Cookie),
    ("://", Look::Url),
    ("ghp_", Look::Prefix("ghp_", 20)),
    ("gho_", Look::Prefix("gho_", 20)),
    ("ghu_", Look::Prefix("ghu_", 20)),
    ("ghs_", Look::Prefix("ghs_", 20)),
    ("ghr_", Look::Prefix("ghr_", 20)),
    ("github_pat_", Look::Prefix("github_pat_", 20)),
    ("glpat-", Look::Prefix("glpat-", 16)),
    ("xoxa-", Look::Prefix("xoxa-", 10)),
    ("xoxb-", Look::Prefix("xoxb-", 10)),
    ("xoxp-", Look::Prefix("xoxp-", 10)),
    ("xoxr-", Look::Prefix("xoxr-", 10)),
    ("xoxs-", Look::Prefix("xoxs-", 10)),
    ("xapp-", Look::Prefix("xapp-", 10)),
    ("sk_live_", Look::Prefix("sk_live_", 10)),
    ("sk_test_", Look::Prefix("sk_test_", 10)),
    ("rk_live_", Look::Prefix("rk_live_", 10)),
    ("whsec_", Look::Prefix("whsec_", 16)),
    ("sk-", Look::Prefix("sk-", 20)),
    ("akia", Look::Prefix("AKIA", 16)),
    ("asia", Look::Prefix("ASIA", 16)),
    ("aiza", Look::Prefix("AIza", 30)),
    ("ya29.", Look::Prefix("ya29.", 20)),
    ("npm_", Look::Prefix("npm_", 30)),
    ("hf_", Look::Prefix("hf_", 30)),
    ("pypi-", Look::Prefix("pypi-", 40)),
    ("dop_v1_", Look::Prefix("dop_v1_", 40)),
    ("hooks.slack.com/services/", Look::Hook),
    ("/api/webhooks/", Look::Hook),
    ("eyj", Look::Jwt),
    (":aa", Look::Telegram),
    ("-----begin ", Look::Pem),
    (" -p", Look::Option(b'p')),
    ("\"-p", Look::Option(b'p')),
    ("'-p", Look::Option(b'p')),
    (" -a ", Look::Option(b'a')),
    (" -u ", Look::Option(b'u')),
    ("identified by ", Look::Sql),
];
