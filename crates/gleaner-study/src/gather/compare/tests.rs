//! Comparisons against values worked out by hand.

use super::*;
use crate::{gather::tested::Group, results::Prediction};
use gleaner_metrics::Counts;

fn tags(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

/// A run on sentences given as gold and predicted tags; `known` are spans of the first sentence.
fn run(sentences: &[(&str, &str)], seen: usize, known: &[(usize, usize)]) -> Vec<Tested> {
    let of = |(position, (gold, found)): (usize, &(&str, &str))| Prediction {
        position,
        tokens: tags(gold),
        same_as: None,
        gold: tags(gold),
        tags: tags(found),
        spans: Vec::new(),
        seen: position == seen,
        known: if position == 0 { known.to_vec() } else { Vec::new() },
    };
    sentences.iter().enumerate().map(of).map(Tested::of).collect()
}

const GOLD: [&str; 4] = ["B-PER O", "B-LOC I-LOC O", "O B-ORG", "B-PER"];

fn of_subset(sides: &Sides, subset: Subset, bootstrap: &Bootstrap) -> Measured {
    let runs = runs_of(sides.of_subset(subset)).expect("there are entities");
    measured(&[runs.each_ref()], bootstrap)
}

fn against(found: [&'static str; 4]) -> Vec<(&'static str, &'static str)> {
    GOLD.into_iter().zip(found).collect()
}

#[test]
fn a_comparison_is_as_worked_by_hand() {
    // The baseline finds 1 of 4 and one that is none: F1 2 / (4 + 2). The system finds 3 of 4: 6 / 7.
    let baseline = run(&against(["B-PER O", "O O O", "O O", "B-LOC"]), 9, &[]);
    let system = run(&against(["B-PER O", "B-LOC I-LOC O", "O B-ORG", "O"]), 2, &[(0, 1)]);
    let sides = Sides::new([vec![baseline], vec![system]]).unwrap();
    let bootstrap = Bootstrap { resamples: 64, ..Bootstrap::default() };
    let of = |subset| of_subset(&sides, subset, &bootstrap);
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} {b}");

    let all = of(Subset::All);
    close(all.baseline, 1.0 / 3.0);
    close(all.system, 6.0 / 7.0);
    close(all.gain, 100.0 * (6.0 / 7.0 - 1.0 / 3.0));
    assert_eq!((all.baseline_deviation, all.aso), (None, None));
    // Three sentences differ, so 8 exchanges; none but the given one and its mirror are as far apart.
    close(all.p_value, 2.0 / 8.0);

    // The third sentence was seen by the system: without it 2 / (3 + 2) and 4 / (3 + 2).
    let leak_free = of(Subset::LeakFree);
    close(leak_free.baseline, 0.4);
    close(leak_free.system, 0.8);
    assert_eq!(sides.of_subset(Subset::LeakFree)[0][0].len(), 3);

    // The first mention is known to the system, so to neither side it counts: 0 and 4 / (3 + 2).
    let unseen = of(Subset::Unseen);
    close(unseen.baseline, 0.0);
    close(unseen.system, 0.8);
}

#[test]
fn equal_sentences_are_evidence_of_one() {
    let repeated = |found: [&'static str; 4], times: usize| -> Vec<Tested> {
        let of = |position: usize| Prediction {
            position,
            tokens: tags(GOLD[position / times]),
            same_as: (!position.is_multiple_of(times)).then_some(position / times * times),
            gold: tags(GOLD[position / times]),
            tags: tags(found[position / times]),
            spans: Vec::new(),
            seen: position / times == 2,
            known: Vec::new(),
        };
        (0..4 * times).map(of).map(Tested::of).collect()
    };
    let of = |times: usize| {
        let baseline = repeated(["B-PER O", "O O O", "O O", "B-LOC"], times);
        let system = repeated(["B-PER O", "B-LOC I-LOC O", "O B-ORG", "O"], times);
        Sides::new([vec![baseline], vec![system]]).unwrap()
    };
    let (once, often) = (of(1), of(9));
    for subset in [Subset::All, Subset::LeakFree] {
        let bootstrap = Bootstrap::default();
        let measured = |sides: &Sides| of_subset(sides, subset, &bootstrap);
        assert_eq!(measured(&once), measured(&often), "{subset:?}");
        assert_eq!(often.sentences(subset), 9 * once.sentences(subset));
        assert_eq!(often.of_subset(subset)[0][0].len(), once.sentences(subset));
    }
}

#[test]
fn only_the_same_sentences_are_compared() {
    let one = run(&against(["O O", "O O O", "O O", "O"]), 9, &[]);
    let mut other = one.clone();
    other[3].position = 17;
    assert!(Sides::new([vec![one.clone()], vec![other]]).is_none());
    assert!(Sides::new([vec![one.clone()], vec![one[..3].to_vec()]]).is_none());
    let mut other = one.clone();
    other[3].gold.clear();
    assert!(Sides::new([vec![one.clone()], vec![other]]).is_none());
    assert!(Sides::new([vec![one.clone()], vec![one]]).is_some());
}

#[test]
fn nothing_to_find_and_nothing_found_is_no_measurement() {
    let none = [vec![vec![Counts::default(); 3]], vec![vec![Counts::default(); 3]]];
    assert!(runs_of(none).is_none());
}

#[test]
fn seeds_are_paired_and_repetitions_stand_one_after_the_other() {
    let group = |keys: &[(u32, u64)]| -> Group {
        keys.iter().map(|&(r, s)| ((r, s), vec![(10 * r) as usize + s as usize])).collect()
    };
    let baseline = group(&[(1, 1), (1, 2), (1, 3)]);
    let system = group(&[(1, 1), (1, 3), (1, 4), (2, 1), (2, 3)]);
    let seeds = paired(&baseline, &system);
    assert_eq!(seeds, [1, 3]);
    let [before, after] = sides_of(&baseline, &system, &seeds);
    assert_eq!(before, [[11], [13]]);
    assert_eq!(after, [[11], [13], [21], [23]]);
    assert!(paired(&baseline, &group(&[(1, 7)])).is_empty());
    assert!(paired(&baseline, &group(&[])).is_empty());
}
