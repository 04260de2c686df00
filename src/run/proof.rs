//! Detectors carry their own tests: a case in which they must speak, and one in which they must not.

use crate::base::Error;
use crate::rules::{self, DetectorRule, Pack};

use super::pipeline::Pipeline;

/// One sentence for each case that does not say what its detector promises, with all packs in force.
///
/// # Errors
/// When the packs do not fit into one plan.
pub fn prove(packs: &[Pack]) -> Result<Vec<String>, Error> {
    let pipeline = Pipeline::builder().packs(packs.to_vec()).zone(jiff::tz::TimeZone::UTC).build()?;
    let mut wrong = Vec::new();
    for pack in packs {
        for detector in &pack.detectors {
            for (name, expected) in [(&detector.sample, true), (&detector.not, false)] {
                let Some(name) = name else { continue };
                wrong.extend(judge(&pipeline, pack, detector, name, expected));
            }
        }
    }
    Ok(wrong)
}

fn judge(pipeline: &Pipeline, pack: &Pack, detector: &DetectorRule, name: &str, expected: bool) -> Option<String> {
    let text = match rules::case(pack, name) {
        Ok(text) => text,
        Err(err) => return Some(format!("{}: {err}", detector.id)),
    };
    let diagnosis = pipeline.diagnose_bytes(name, text.as_bytes());
    let speaks = diagnosis.findings.iter().any(|f| f.detector == detector.id);
    match (speaks, expected) {
        (false, true) => Some(format!("{}: must speak in its case {name}", detector.id)),
        (true, false) => Some(format!("{}: must not speak in its case {name}", detector.id)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_detector_proves_itself() {
        let packs = rules::load(&[], true).packs;
        assert_eq!(prove(&packs).unwrap(), Vec::<String>::new());
        let proven = |d: &DetectorRule| d.sample.is_some() && d.not.is_some();
        let without: Vec<&str> =
            packs.iter().flat_map(|p| &p.detectors).filter(|d| !proven(d)).map(|d| d.id.as_str()).collect();
        assert_eq!(without, Vec::<&str>::new(), "a case and a counter-case each");
    }

    #[test]
    fn a_case_that_says_something_else_is_told() {
        let mut packs = rules::load(&[], true).packs;
        let detector =
            packs.iter_mut().flat_map(|p| &mut p.detectors).find(|d| d.id == "kernel/link-flapping").unwrap();
        std::mem::swap(&mut detector.sample, &mut detector.not);
        let wrong = prove(&packs).unwrap();
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        assert!(wrong[0].contains("must speak in its case cable-moved-once.case"), "{wrong:?}");
    }
}
