//! Transfer and pseudo-labelling in one form: runs at a setting, and their gains over the baseline.

use super::number::counted;
use super::spread::{mean, usable};
use super::{StudyData, TransferKind, distinct};

/// One run against its baseline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gain<'a> {
    pub(crate) source: &'a str,
    pub(crate) target: &'a str,
    /// The factor or the quantile.
    pub(crate) setting: f64,
    /// Improvement in per cent of the baseline's published score.
    pub(crate) improvement: f64,
    /// Gain in points of entity F1.
    pub(crate) entity_gain: f64,
    /// The dev score that settings are chosen by.
    pub(crate) dev: f64,
}

/// Which of a run's two gains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    /// Of the published score.
    Improvement,
    /// Of entity F1.
    EntityGain,
}

impl Measure {
    pub(crate) const ALL: [Measure; 2] = [Measure::Improvement, Measure::EntityGain];

    /// Its part of a file name.
    pub(crate) fn slug(self) -> &'static str {
        match self {
            Measure::Improvement => "improvement",
            Measure::EntityGain => "entity-gain",
        }
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Measure::Improvement => "Improvement of the published score",
            Measure::EntityGain => "Gain in entity F1",
        }
    }

    /// The label of its axis.
    pub(crate) fn axis(self) -> &'static str {
        match self {
            Measure::Improvement => "improvement, % of the baseline",
            Measure::EntityGain => "gain in entity F1, points",
        }
    }

    /// The unit behind a number.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Measure::Improvement => "\u{a0}%",
            Measure::EntityGain => "\u{a0}points",
        }
    }

    /// The run's gain by this measure.
    pub(crate) fn of(self, gain: &Gain) -> f64 {
        match self {
            Measure::Improvement => gain.improvement,
            Measure::EntityGain => gain.entity_gain,
        }
    }
}

/// The runs of one kind of experiment.
#[derive(Clone, Debug)]
pub(crate) struct Experiment<'a> {
    /// Its part of a file name.
    pub(crate) slug: String,
    /// Its name.
    pub(crate) name: String,
    /// `factor` or `quantile`.
    pub(crate) setting: &'static str,
    /// Number of decimals of a setting.
    pub(crate) decimals: usize,
    pub(crate) gains: Vec<Gain<'a>>,
    /// All languages of the study, so that each keeps its colour and shape.
    pub(crate) languages: Vec<&'a str>,
}

impl Experiment<'_> {
    /// The label of results at the setting that is best on test. They are chosen by looking at the test set, so they
    /// carry no verdict.
    pub(crate) fn best_label(&self) -> String {
        match settings(&self.gains).len() {
            1 => "the only setting".to_owned(),
            count => format!("best of {} on test, exploratory", counted(count, "setting")),
        }
    }
}

/// The kinds of transfer that were run, one experiment each.
pub(crate) fn transfer(data: &StudyData) -> Vec<Experiment<'_>> {
    let experiment = |kind: TransferKind| {
        let rows = data.transfer.iter().filter(|row| row.kind == kind);
        let gains = rows.map(|row| Gain {
            source: &row.source,
            target: &row.target,
            setting: row.factor.into(),
            improvement: row.improvement,
            entity_gain: row.entity_gain,
            dev: row.scores.dev,
        });
        Experiment {
            slug: format!("transfer-{}", kind.name()),
            name: format!("transfer, {}", kind.name()),
            setting: "factor",
            decimals: 0,
            gains: gains.collect(),
            languages: data.languages(),
        }
    };
    let experiments = TransferKind::ALL.into_iter().map(experiment);
    experiments.filter(|experiment| !experiment.gains.is_empty()).collect()
}

/// Pseudo-labelling, if it was run.
pub(crate) fn pseudo(data: &StudyData) -> Option<Experiment<'_>> {
    let gains = data.pseudo.iter().map(|row| Gain {
        source: &row.source,
        target: &row.target,
        setting: row.quantile,
        improvement: row.improvement,
        entity_gain: row.entity_gain,
        dev: row.scores.dev,
    });
    (!data.pseudo.is_empty()).then(|| Experiment {
        slug: "pseudo".to_owned(),
        name: "pseudo-labelling".to_owned(),
        setting: "quantile",
        decimals: decimals(data.pseudo.iter().map(|row| row.quantile)),
        gains: gains.collect(),
        languages: data.languages(),
    })
}

/// The smallest number of decimals, from two to six, with which all numbers are written exactly. Study files have no
/// more.
fn decimals(numbers: impl Iterator<Item = f64> + Clone) -> usize {
    let is_exact = |decimals: i32| {
        let scale = 10_f64.powi(decimals);
        numbers.clone().all(|x| (x * scale - (x * scale).round()).abs() < 1e-6)
    };
    (2..6).find(|decimals| is_exact(*decimals)).unwrap_or(6) as usize
}

/// The settings that were run, ascending.
pub(crate) fn settings(gains: &[Gain]) -> Vec<f64> {
    let mut settings: Vec<f64> = gains.iter().map(|gain| gain.setting).collect();
    settings.retain(|setting| usable(*setting));
    settings.sort_by(f64::total_cmp);
    settings.dedup();
    settings
}

/// The pairs of source and target, in order of first appearance.
pub(crate) fn pairs<'a>(gains: &[Gain<'a>]) -> Vec<(&'a str, &'a str)> {
    distinct(gains.iter().map(|gain| (gain.source, gain.target)))
}

/// The runs of one pair.
pub(crate) fn of_pair<'a>(gains: &[Gain<'a>], pair: (&str, &str)) -> Vec<Gain<'a>> {
    gains.iter().filter(|gain| (gain.source, gain.target) == pair).copied().collect()
}

/// The mean of `number` over the runs at a setting.
pub(crate) fn mean_at(gains: &[Gain], setting: f64, number: impl Fn(&Gain) -> f64) -> f64 {
    mean(gains.iter().filter(|gain| gain.setting == setting).map(number))
}

/// The setting at which the mean of `number` over runs is highest; the lowest of several.
pub(crate) fn best_setting(gains: &[Gain], number: impl Fn(&Gain) -> f64) -> Option<f64> {
    let mut best: Option<(f64, f64)> = None;
    for setting in settings(gains) {
        let value = mean_at(gains, setting, &number);
        if usable(value) && best.is_none_or(|(_, highest)| value > highest) {
            best = Some((setting, value));
        }
    }
    best.map(|(setting, _)| setting)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gain(setting: f64, improvement: f64) -> Gain<'static> {
        Gain { source: "da", target: "fo", setting, improvement, entity_gain: 0.0, dev: 0.0 }
    }

    #[test]
    fn the_best_setting_is_the_best_on_average() {
        let gains = [gain(1.0, 9.0), gain(1.0, -9.0), gain(2.0, 1.0), gain(3.0, f64::NAN)];
        assert_eq!(best_setting(&gains, |gain| gain.improvement), Some(2.0));
        assert_eq!(best_setting(&gains[3..], |gain| gain.improvement), None);
        let equal = [gain(5.0, 1.0), gain(4.0, 1.0)];
        assert_eq!(best_setting(&equal, |gain| gain.improvement), Some(4.0));
    }

    #[test]
    fn settings_are_ascending_and_unknown_ones_left_out() {
        let gains = [gain(2.0, 0.0), gain(f64::NAN, 0.0), gain(1.0, 0.0), gain(2.0, 0.0)];
        assert_eq!(settings(&gains), [1.0, 2.0]);
    }

    #[test]
    fn numbers_have_the_decimals_that_tell_them_apart() {
        for (numbers, expected) in
            [(&[0.5, 0.95][..], 2), (&[0.99, 0.995], 3), (&[0.123_456], 6), (&[], 2)]
        {
            assert_eq!(decimals(numbers.iter().copied()), expected, "{numbers:?}");
        }
    }
}
