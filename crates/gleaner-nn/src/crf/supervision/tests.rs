//! Losses of partial labels and soft targets against enumeration and finite differences.

use super::*;
use crate::{
    crf::{Crf, Rules},
    rng::Stream,
};

const K: usize = 3;

fn draw(name: &str, n: usize) -> Vec<f32> {
    (0..n as u64).map(|i| Stream::new(11).named(name).normal(i)).collect()
}

fn crf(name: &str, rules: bool) -> Crf {
    Crf {
        tags: K,
        start: draw(&format!("{name} start"), K),
        end: draw(&format!("{name} end"), K),
        transitions: draw(&format!("{name} transitions"), K * K),
        rules: rules.then(|| Rules::iob2(&["O", "B-X", "I-X"])),
    }
}

/// Every tag sequence of `n` positions that the rules allow.
fn sequences(crf: &Crf, n: usize) -> Vec<Vec<u16>> {
    let all = (0..K.pow(n as u32))
        .map(|code| (0..n).map(|t| (code / K.pow(t as u32) % K) as u16).collect::<Vec<u16>>());
    all.filter(|tags| crf.rules.as_ref().is_none_or(|r| r.allows(tags))).collect()
}

fn probability(crf: &Crf, emissions: &[f32], tags: &[u16]) -> f64 {
    crf.lattice(emissions).log_likelihood(tags).exp()
}

/// The loss of one sentence.
fn loss(crf: &Crf, emissions: &[f32], labels: Labels) -> f64 {
    let supervision = Supervision { labels, weight: 1.0 };
    crf.gradient(emissions, &[supervision], &[0, emissions.len() / K], 1.0).losses[0]
}

/// Sets that hold the tag sequence 1 2 0 1 and more.
const ALLOWED: [bool; 4 * K] =
    [false, true, false, true, false, true, true, true, true, false, true, false];

#[test]
fn partial_labels_sum_over_all_sequences_that_keep_to_them() {
    for rules in [false, true] {
        let (crf, emissions) = (crf("student", rules), draw("emissions", 4 * K));
        let keeps = |tags: &Vec<u16>| {
            tags.iter().enumerate().all(|(t, &tag)| ALLOWED[t * K + usize::from(tag)])
        };
        let kept = sequences(&crf, 4).into_iter().filter(keeps);
        let sum: f64 = kept.map(|tags| probability(&crf, &emissions, &tags)).sum();
        let found = loss(&crf, &emissions, Labels::Allowed(&ALLOWED));
        assert!((found + sum.ln()).abs() < 1e-9, "{found} {sum}");
        assert!(found > 0.1);
    }
}

#[test]
fn anything_allowed_teaches_nothing() {
    let (crf, emissions) = (crf("student", true), draw("emissions", 4 * K));
    let supervision = Supervision { labels: Labels::Allowed(&[true; 4 * K]), weight: 1.0 };
    let gradient = crf.gradient(&emissions, &[supervision], &[0, 4], 1.0);
    assert_eq!(gradient.losses, [0.0]);
    let all = [gradient.emissions, gradient.start, gradient.end, gradient.transitions].concat();
    assert!(all.iter().all(|g| *g == 0.0), "{all:?}");
}

#[test]
fn one_tag_allowed_is_that_tag_and_so_is_a_teacher_who_is_sure_of_it() {
    let (crf, emissions) = (crf("student", true), draw("emissions", 4 * K));
    let tags = [1u16, 2, 0, 1];
    let allowed: Vec<bool> =
        tags.iter().flat_map(|&tag| (0..K as u16).map(move |k| k == tag)).collect();
    let mut teacher = Expectations {
        positions: allowed.iter().map(|&a| f32::from(u8::from(a))).collect(),
        steps: vec![0.0; K * K],
    };
    tags.windows(2).for_each(|w| teacher.steps[usize::from(w[0]) * K + usize::from(w[1])] += 1.0);
    let gradient = |target| {
        crf.gradient(&emissions, &[Supervision { labels: target, weight: 0.7 }], &[0, 4], 1.0)
    };
    let hard = gradient(Labels::Tags(&tags));
    for target in [Labels::Allowed(&allowed), Labels::Expected(&teacher)] {
        let found = gradient(target);
        assert!((found.losses[0] - hard.losses[0]).abs() < 1e-9);
        for (a, b) in [
            (&found.emissions, &hard.emissions),
            (&found.start, &hard.start),
            (&found.end, &hard.end),
            (&found.transitions, &hard.transitions),
        ] {
            assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6), "{a:?} {b:?}");
        }
    }
}

#[test]
fn soft_targets_cost_the_cross_entropy_of_all_sequences() {
    for rules in [false, true] {
        let (teacher, student) = (crf("teacher", rules), crf("student", rules));
        let (seen, emissions) = (draw("seen", 4 * K), draw("emissions", 4 * K));
        let expected: f64 = sequences(&teacher, 4)
            .iter()
            .map(|tags| {
                -probability(&teacher, &seen, tags)
                    * student.lattice(&emissions).log_likelihood(tags)
            })
            .sum();
        let expectations = teacher.lattice(&seen).expectations();
        let found = loss(&student, &emissions, Labels::Expected(&expectations));
        // The teacher's expectations are kept in single precision.
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }
}

#[test]
fn a_teacher_has_nothing_to_teach_itself() {
    let (crf, emissions) = (crf("teacher", true), draw("seen", 5 * K));
    let expectations = crf.lattice(&emissions).expectations();
    let supervision = Supervision { labels: Labels::Expected(&expectations), weight: 1.0 };
    let g = crf.gradient(&emissions, &[supervision], &[0, 5], 1.0);
    let all = [g.emissions, g.start, g.end, g.transitions].concat();
    assert!(all.iter().all(|g| g.abs() < 1e-6), "{all:?}");
}

/// Weighted loss of two sentences with a supervision each.
fn weighted(crf: &Crf, emissions: &[f32], supervision: &[Supervision]) -> f64 {
    let losses = crf.gradient(emissions, supervision, &[0, 4, 6], 1.0).losses;
    losses.iter().zip(supervision).map(|(l, supervision)| l * supervision.weight).sum()
}

#[test]
fn gradients_equal_differences_of_the_weighted_loss() {
    let (crf, emissions) = (crf("student", false), draw("emissions", 6 * K));
    let teacher = self::crf("teacher", false).lattice(&draw("seen", 2 * K)).expectations();
    let supervision = [
        Supervision { labels: Labels::Allowed(&ALLOWED), weight: 0.5 },
        Supervision { labels: Labels::Expected(&teacher), weight: 2.0 },
    ];
    let gradient = crf.gradient(&emissions, &supervision, &[0, 4, 6], 1.0);
    let step = 1e-2f32;
    let check = |found: f32, moved: &dyn Fn(f32) -> f64| {
        let difference = (moved(step) - moved(-step)) / f64::from(2.0 * step);
        assert!((f64::from(found) - difference).abs() < 1e-3, "{found} {difference}");
        assert!(found != 0.0);
    };
    for (i, &g) in gradient.emissions.iter().enumerate() {
        check(g, &|by| {
            let mut e = emissions.clone();
            e[i] += by;
            weighted(&crf, &e, &supervision)
        });
    }
    type Part = fn(&mut Crf) -> &mut Vec<f32>;
    let parts: [(&Vec<f32>, Part); 3] = [
        (&gradient.start, |c| &mut c.start),
        (&gradient.end, |c| &mut c.end),
        (&gradient.transitions, |c| &mut c.transitions),
    ];
    for (found, part) in parts {
        for (i, &g) in found.iter().enumerate() {
            check(g, &|by| {
                let mut c = crf.clone();
                part(&mut c)[i] += by;
                weighted(&c, &emissions, &supervision)
            });
        }
    }
}

#[test]
fn a_temperature_divides_all_scores_and_keeps_the_rules() {
    let (crf, emissions) = (crf("student", true), draw("emissions", 4 * K));
    let third = |v: &[f32]| v.iter().map(|x| x / 3.0).collect::<Vec<f32>>();
    let cooled = Crf {
        start: third(&crf.start),
        end: third(&crf.end),
        transitions: third(&crf.transitions),
        ..crf.clone()
    };
    let (found, expected) = (crf.lattice_at(&emissions, 3.0), cooled.lattice(&third(&emissions)));
    for (a, b) in found.marginals().iter().zip(expected.marginals()) {
        assert!((a - b).abs() < 1e-6, "{a} {b}");
    }
    assert_eq!(found.marginals()[2], 0.0);
    assert_eq!(crf.lattice_at(&emissions, 1.0).marginals(), crf.lattice(&emissions).marginals());
}
