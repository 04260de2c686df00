//! By which words lines name a unit, and which of many units they name.
//!
//! In: the names of units, and the lines of others. Out: who is named in them. One pass over a line finds all names; what
//! it answers is what [`mentions`] answers for each name by itself.

use aho_corasick::{AhoCorasick, Input};

use crate::base::stem;

/// Ports that belong to one product, and the words its clients use for it.
const PRODUCTS: &[(&str, &[&str])] = &[
    ("postgres", &["5432", "postgres", "psycopg", "pgx", "asyncpg"]),
    ("redis", &["6379", "redis"]),
    ("valkey", &["6379", "valkey", "redis"]),
    ("nats", &["4222", "nats"]),
    ("mysql", &["3306", "mysql"]),
    ("mariadb", &["3306", "mariadb", "mysql"]),
    ("mongo", &["27017", "mongo"]),
    ("kafka", &["9092", "kafka"]),
    ("rabbitmq", &["5672", "amqp", "rabbit"]),
    ("qdrant", &["6333", "6334", "qdrant"]),
    ("neo4j", &["7687", "bolt://", "neo4j"]),
    ("ollama", &["11434", "ollama"]),
    ("litellm", &["litellm"]),
    ("elastic", &["9200", "elastic"]),
    ("etcd", &["2379", "etcd"]),
    ("memcached", &["11211", "memcache"]),
    ("clickhouse", &["8123", "clickhouse"]),
    ("minio", &["minio"]),
    ("vault", &["8200", "vault"]),
    ("consul", &["8500", "consul"]),
];

/// Does a line name this unit, or the product that the unit's name names?
pub(super) fn mentions(text: &str, unit: &str) -> bool {
    Called::of(unit).is_in(text)
}

/// By which words lines name a unit.
struct Called<'u> {
    name: &'u str,
    words: Vec<&'static str>,
}

impl<'u> Called<'u> {
    fn of(unit: &'u str) -> Called<'u> {
        let name = stem(unit);
        let lower = name.to_ascii_lowercase();
        let products = PRODUCTS.iter().filter(|(product, _)| lower.contains(product));
        Called { name, words: products.flat_map(|(_, words)| words.iter().copied()).collect() }
    }

    /// The name is long enough to mean this unit where it stands.
    fn is_telling(&self) -> bool {
        self.name.len() >= 3
    }

    /// The words that must stand alone.
    fn whole(&self) -> impl Iterator<Item = &'u str> {
        let name = self.is_telling().then_some(self.name);
        name.into_iter().chain(self.words.iter().copied().filter(|word| is_port(word)))
    }

    /// The words that may be parts of others, in lower case.
    fn parts(&self) -> impl Iterator<Item = &'u str> {
        self.words.iter().copied().filter(|word| !is_port(word))
    }

    fn is_in(&self, text: &str) -> bool {
        if self.is_telling() && has_word(text, self.name) {
            return true;
        }
        if self.words.is_empty() {
            return false;
        }
        let folded = text.to_ascii_lowercase();
        self.words.iter().any(|word| if is_port(word) { has_word(text, word) } else { folded.contains(word) })
    }
}

/// `word` stands in `text` with no letter or digit beside it.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| is_alone(text, at, at + word.len()))
}

fn is_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(|before| before.chars().next_back());
    let after = text.get(end..).and_then(|after| after.chars().next());
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

fn is_port(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

/// The words for many units, looked for together.
pub(super) struct Mentions<'u> {
    /// For each unit the numbers of the words, whole ones and parts, that name it.
    units: Vec<(Vec<usize>, Vec<usize>)>,
    /// Words that must stand alone, each once, in their own order.
    whole: Words<'u>,
    /// Parts of words, in lower case; found in any case.
    parts: Words<'u>,
}

/// Words of one kind, and what finds them.
struct Words<'u> {
    all: Vec<&'u str>,
    finder: Option<AhoCorasick>,
}

/// The words that stand in the lines of one group.
pub(super) struct Said<'m> {
    mentions: &'m Mentions<'m>,
    whole: Vec<bool>,
    parts: Vec<bool>,
}

impl<'u> Mentions<'u> {
    /// The names of the units with these numbers; the others are named by nobody.
    pub(super) fn new(units: impl Iterator<Item = &'u str>, wanted: &[usize]) -> Mentions<'u> {
        let called: Vec<Option<Called<'u>>> =
            (0..).zip(units).map(|(at, unit)| wanted.binary_search(&at).is_ok().then(|| Called::of(unit))).collect();
        let all = || called.iter().flatten();
        let whole = Words::new(all().flat_map(Called::whole).collect(), false);
        let parts = Words::new(all().flat_map(Called::parts).collect(), true);
        let numbers = |called: &Called<'u>| (whole.numbers(called.whole()), parts.numbers(called.parts()));
        let units = called.iter().map(|called| called.as_ref().map(numbers).unwrap_or_default()).collect();
        Mentions { units, whole, parts }
    }

    /// Reads lines.
    pub(super) fn of<'t>(&self, texts: impl Iterator<Item = &'t str>) -> Said<'_> {
        let mut said =
            Said { mentions: self, whole: vec![false; self.whole.all.len()], parts: vec![false; self.parts.all.len()] };
        let mut ends = vec![0; self.whole.all.len()];
        for text in texts {
            ends.fill(0);
            self.whole.each(text, |word, start, end| {
                // Of hits of one word that overlap only the first counts, as for whoever looks for this word alone.
                if let (Some(known), Some(last)) = (said.whole.get_mut(word), ends.get_mut(word))
                    && *last <= start
                {
                    *last = end;
                    *known |= is_alone(text, start, end);
                }
            });
            self.parts.each(text, |word, _, _| {
                if let Some(known) = said.parts.get_mut(word) {
                    *known = true;
                }
            });
        }
        said
    }
}

impl Said<'_> {
    /// Is the unit with this number named?
    pub(super) fn names(&self, unit: usize) -> bool {
        let Some((whole, parts)) = self.mentions.units.get(unit) else { return false };
        let any = |numbers: &[usize], said: &[bool]| numbers.iter().any(|&n| said.get(n) == Some(&true));
        any(whole, &self.whole) || any(parts, &self.parts)
    }
}

impl<'u> Words<'u> {
    fn new(mut all: Vec<&'u str>, any_case: bool) -> Words<'u> {
        all.sort_unstable();
        all.dedup();
        let build = || AhoCorasick::builder().ascii_case_insensitive(any_case).build(&all).ok();
        let finder = if all.is_empty() { None } else { build() };
        Words { finder, all }
    }

    fn numbers(&self, words: impl Iterator<Item = &'u str>) -> Vec<usize> {
        words.filter_map(|word| self.all.binary_search(&word).ok()).collect()
    }

    /// All hits in the order of their ends: the number of the word, where it begins and ends.
    fn each(&self, text: &str, mut hit: impl FnMut(usize, usize, usize)) {
        let found = self.finder.as_ref().map(|finder| finder.try_find_overlapping_iter(Input::new(text)));
        for found in found.into_iter().flatten().flatten() {
            hit(found.pattern().as_usize(), found.start(), found.end());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_a_unit_or_its_product() {
        assert!(mentions("connect to search-indexer:7700 failed", "search-indexer.service"));
        assert!(mentions("connection to server at \"127.0.0.1\", port 5432 failed", "postgres.service"));
        assert!(mentions("nats: no servers available", "factory-nats.service"));
        assert!(!mentions("connect to 127.0.0.1:15432 failed", "postgres.service"));
        assert!(!mentions("the apiary is closed", "api.service"));
    }

    #[test]
    fn many_names_at_once_are_found_as_each_by_itself() {
        let units = [
            "search-indexer.service",
            "postgres.service",
            "factory-nats",
            "api.service",
            "a-a",
            "a-a-a.service",
            "db",
            "Redis-Cache",
            "ab.ab",
            "übung",
            "neo4j@main.service",
            "kernel",
            "api",
        ];
        let pieces = [
            "search-indexer",
            "postgres",
            "PostgreSQL",
            "5432",
            "15432",
            "NATS",
            "nats:",
            "a-a",
            "-a",
            "a",
            "x",
            " ",
            "/",
            "ab.ab",
            ".ab",
            "übung",
            "ü",
            "BOLT://",
            "api",
            "apiary",
            "db",
            "6379",
            "redis",
            "KERNEL",
            "kernel",
        ];
        let all: Vec<usize> = (0..units.len()).collect();
        let mentions = Mentions::new(units.into_iter(), &all);
        let (mut seed, mut named) = (7u64, 0);
        for _ in 0..4_000 {
            let text: String = (0..seed % 9)
                .map(|_| {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    pieces[(seed >> 33) as usize % pieces.len()]
                })
                .collect();
            let said = mentions.of([text.as_str()].into_iter());
            for (at, unit) in units.into_iter().enumerate() {
                assert_eq!(said.names(at), super::mentions(&text, unit), "{unit} in {text:?}");
                named += usize::from(said.names(at));
            }
            seed = seed.wrapping_add(1);
        }
        assert!(named > 1_000, "{named}");
        let said = Mentions::new(units.into_iter(), &[3]);
        assert!(said.of(["api kernel"].into_iter()).names(3) && !said.of(["api kernel"].into_iter()).names(11));
    }
}
