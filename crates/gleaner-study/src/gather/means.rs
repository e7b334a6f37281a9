//! The mean of every experiment over its languages: what to expect on a new language.

use super::{compare::measured, compared::Compared, correction::correct_means};
use gleaner_metrics::{Bootstrap, Runs};
use gleaner_report::study::{ComparisonRow, MeanRow, Subset};
use std::collections::BTreeSet;

/// The means over languages in the order of the comparisons, and notes on seeds that some languages lack. An
/// experiment has a mean if several languages were measured, each once: gains of one language from two sources
/// are measured on the same sentences and are not independent. p-values are corrected over the experiments of a
/// subset.
pub(super) fn means(compared: &[Compared], bootstrap: &Bootstrap) -> (Vec<MeanRow>, Vec<String>) {
    let mut families: Vec<(&ComparisonRow, Vec<&Compared>)> = Vec::new();
    for one in compared.iter().filter(|one| one.runs.is_some()) {
        match families.iter_mut().find(|(first, _)| first.family() == one.row.family()) {
            Some((_, family)) => family.push(one),
            None => families.push((&one.row, vec![one])),
        }
    }
    families.retain(|(_, family)| {
        let targets: BTreeSet<&str> = family.iter().map(|one| one.row.target.as_str()).collect();
        targets.len() > 1 && targets.len() == family.len()
    });
    let notes = families.iter().filter_map(|(_, family)| seeds_left_out(family)).collect();
    let mut rows: Vec<MeanRow> =
        families.into_iter().filter_map(|(_, family)| mean_of(&family, bootstrap)).collect();
    correct_means(&mut rows);
    (rows, notes)
}

/// A note on an experiment whose mean leaves out some seeds; for the first subset only.
fn seeds_left_out(family: &[&Compared]) -> Option<String> {
    let row = &family.first().filter(|one| one.row.subset == Subset::All)?.row;
    let any: BTreeSet<u64> = family.iter().flat_map(|one| &one.seeds).copied().collect();
    let shared = shared_seeds(family).len();
    (shared < any.len()).then(|| {
        let name = [row.kind.as_str(), row.setting.as_str()].join(" ");
        format!(
            "mean over languages, {}: {} of {} seeds are left out: not finished in all languages",
            name.trim_end(),
            any.len() - shared,
            any.len()
        )
    })
}

/// The seeds that all languages have.
fn shared_seeds(family: &[&Compared]) -> Vec<u64> {
    let Some((first, others)) = family.split_first() else { return Vec::new() };
    let in_all = |seed: &&u64| others.iter().all(|one| one.seeds.contains(seed));
    first.seeds.iter().filter(in_all).copied().collect()
}

/// The mean of an experiment over the seeds that all its languages have; `None` if there are none. Seeds are
/// paired by number, since one source model of a seed may serve all languages.
fn mean_of(family: &[&Compared], bootstrap: &Bootstrap) -> Option<MeanRow> {
    let shared = shared_seeds(family);
    let sides: Vec<[Runs; 2]> =
        family.iter().map(|one| of_seeds(one, &shared)).collect::<Option<_>>()?;
    let sides: Vec<[&Runs; 2]> = sides.iter().map(|sides| sides.each_ref()).collect();
    let row = &family.first()?.row;
    Some(MeanRow {
        kind: row.kind.clone(),
        setting: row.setting.clone(),
        subset: row.subset,
        languages: family.iter().map(|one| one.row.languages()).collect(),
        seeds: shared.len(),
        runs: sides.iter().map(|[_, system]| system.f1s().len()).min()?,
        measured: measured(&sides, bootstrap),
    })
}

/// The runs of some seeds. Runs of a side are ordered by repetition, then by seed.
fn of_seeds(one: &Compared, seeds: &[u64]) -> Option<[Runs; 2]> {
    let wanted = |run: usize| seeds.contains(&one.seeds[run % one.seeds.len()]);
    let [baseline, system] = one.runs.as_ref()?;
    Some([baseline.select(wanted).ok()?, system.select(wanted).ok()?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use gleaner_metrics::Counts;

    /// An experiment on a language with one entity in each sentence: the baseline finds none, the system those
    /// marked 1.
    fn compared(kind: &str, target: &str, subset: Subset, found: &[usize]) -> Compared {
        let counts = |correct: usize| Counts { gold: 1, predicted: 1, correct };
        let baseline = found.iter().map(|_| counts(0)).collect();
        let system = found.iter().map(|&correct| counts(correct)).collect();
        let row = ComparisonRow {
            kind: kind.to_owned(),
            setting: String::new(),
            source: String::new(),
            target: target.to_owned(),
            subset,
            seeds: 1,
            runs: 1,
            sentences: found.len(),
            different: found.len(),
            entities: found.len(),
            dev: 0.0,
            measured: None,
        };
        let runs = [baseline, system].map(|side| Runs::new(vec![side]).unwrap());
        Compared { row, seeds: vec![1], runs: Some(runs) }
    }

    /// The same with two seeds, and with two repetitions of the system.
    fn of_two_seeds(target: &str, seeds: [u64; 2], found: [&[usize]; 2]) -> Compared {
        let mut one = compared("a", target, Subset::All, found[0]);
        let counts = |seed: usize, side: usize| {
            let correct = found[seed].iter().map(|&correct| correct * side);
            correct.map(|correct| Counts { gold: 1, predicted: 1, correct }).collect()
        };
        let side = |side: usize, repeats: usize| {
            Runs::new((0..2 * repeats).map(|run| counts(run % 2, side)).collect()).unwrap()
        };
        one.runs = Some([side(0, 1), side(1, 2)]);
        one.seeds = seeds.to_vec();
        one
    }

    #[test]
    fn seeds_are_paired_by_number_and_those_that_a_language_lacks_are_left_out() {
        let fo = of_two_seeds("fo", [1, 2], [&[0, 0, 0], &[1, 1, 1]]);
        let co = of_two_seeds("co", [2, 3], [&[1, 1], &[0, 0]]);
        let (mut rows, notes) = means(&[fo, co], &Bootstrap::default());
        let mean = rows.remove(0);
        assert_eq!(
            notes,
            ["mean over languages, a: 2 of 3 seeds are left out: not finished in all languages"]
        );
        assert_eq!((mean.seeds, mean.runs), (1, 2));
        assert!((mean.measured.gain - 100.0).abs() < 1e-9, "{mean:?}");
        assert_eq!(mean.measured.baseline_deviation, None);
        let fo = of_two_seeds("fo", [1, 2], [&[0, 0], &[1, 1]]);
        let co = of_two_seeds("co", [3, 4], [&[1, 1], &[0, 0]]);
        let (rows, notes) = means(&[fo, co], &Bootstrap::default());
        assert_eq!((rows.len(), notes.len()), (0, 1));
    }

    #[test]
    fn languages_have_the_same_weight_whatever_their_size() {
        let nothing = Compared { runs: None, ..compared("a", "mg", Subset::All, &[]) };
        let all = [
            compared("a", "fo", Subset::All, &[1, 0]),
            compared("b", "fo", Subset::All, &[1]),
            compared("a", "co", Subset::All, &[0; 20]),
            nothing,
            compared("a", "fo", Subset::Unseen, &[1, 1, 1]),
            compared("a", "co", Subset::Unseen, &[1; 9]),
        ];
        let (rows, notes) = means(&all, &Bootstrap::default());
        assert_eq!(notes, [] as [String; 0]);
        // Experiment b has one language, so no mean.
        let means_by_subset: Vec<_> =
            rows.iter().map(|row| (row.kind.as_str(), row.subset)).collect();
        assert_eq!(means_by_subset, [("a", Subset::All), ("a", Subset::Unseen)]);
        assert_eq!(rows[0].languages, ["fo", "co"]);
        assert!((rows[0].measured.gain - 25.0).abs() < 1e-9, "{rows:?}");
        // One sentence differs: exchanging it does not change the distance.
        assert_eq!(rows[0].measured.p_value, 1.0);
        assert!((rows[1].measured.gain - 100.0).abs() < 1e-9, "{rows:?}");
        // All twelve sentences differ.
        assert!(rows[1].measured.p_value < 0.01, "{rows:?}");
    }

    #[test]
    fn a_language_with_two_sources_is_not_two_languages() {
        let of = |target: &str, source: &str| {
            let mut one = compared("a", target, Subset::All, &[1, 1, 0]);
            one.row.source = source.to_owned();
            one
        };
        let twice = || vec![of("hsb", "pl"), of("hsb", "cs")];
        assert!(means(&twice(), &Bootstrap::default()).0.is_empty());
        let beside: Vec<_> = twice().into_iter().chain([of("fo", "da")]).collect();
        assert!(means(&beside, &Bootstrap::default()).0.is_empty());
        let once = [of("hsb", "pl"), of("fo", "da")];
        assert_eq!(means(&once, &Bootstrap::default()).0[0].languages, ["pl → hsb", "da → fo"]);
    }

    #[test]
    fn p_values_are_corrected_over_experiments() {
        let found = [1; 6];
        let alone: Vec<_> =
            ["fo", "co"].map(|target| compared("a", target, Subset::All, &found)).into();
        let many: Vec<_> = ["a", "b", "c"]
            .into_iter()
            .flat_map(|kind| ["fo", "co"].map(|target| compared(kind, target, Subset::All, &found)))
            .collect();
        let of = |compared: &[Compared]| {
            let measured = means(compared, &Bootstrap::default()).0.swap_remove(0).measured;
            (measured.p_value, measured.corrected)
        };
        let (p, corrected) = of(&alone);
        assert_eq!(p, corrected);
        assert_eq!(of(&many), (p, 3.0 * p));
    }
}
