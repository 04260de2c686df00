//! The classifiers that come with the binary.

/// File name and text of every built-in classifier, in the order in which they are listed.
pub fn builtin_classifiers() -> &'static [(&'static str, &'static str)] {
    macro_rules! files {
        ($($name:literal),+ $(,)?) => {
            &[$(($name, include_str!(concat!("../../../grammars/classifiers/", $name)))),+]
        };
    }
    files![
        "operations-center.toml",
        "skillomatic-ats.toml",
        "skillomatic-automation.toml",
        "skillomatic-codes.toml",
        "skillomatic-email.toml",
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_classifier_of_the_folder_comes_with_the_binary() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("grammars/classifiers");
        let names = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        let mut there: Vec<String> = names.filter(|n| n.ends_with(".toml")).collect();
        there.sort();
        let known: Vec<&str> = builtin_classifiers().iter().map(|(name, _)| *name).collect();
        assert_eq!(there, known);
    }
}
