//! Learning from finished taggers: distributions over the tags of the training text and of the pool are the targets
//! (Hinton et al. 2015; of a CRF's distributions, Wang et al. 2020, section 3).

use super::{
    EncodedTexts,
    pseudo::{self, Labelled, PoolPrediction, Round},
    trainer::Example,
};
use crate::{
    Dataset, Ensemble, GleanerError, PieceLabels, Settings, Tagger, TrainedOn, ensemble::Lesson,
};
use gleaner_nn::Compute;

/// The taggers that a training learns from.
pub(super) struct Teachers<'a> {
    settings: &'a Settings,
    ensemble: Ensemble,
    /// The sentences that they were trained on, where all their folders record them.
    trained_on: Option<TrainedOn>,
}

impl<'a> Teachers<'a> {
    /// The teachers that settings name, for a student; `None` without any.
    ///
    /// # Errors
    /// A folder holds no model, or a model that the student cannot learn from.
    pub(super) fn open(
        settings: &'a Settings,
        student: &Tagger,
    ) -> Result<Option<Self>, GleanerError> {
        let folders = &settings.self_training.teacher;
        if folders.is_empty() {
            return Ok(None);
        }
        let load = |folder: &std::path::Path| -> Result<Tagger, GleanerError> {
            Tagger::load_on(folder, Compute::cpu())
        };
        let ensembles: Result<Vec<Ensemble>, GleanerError> =
            folders.iter().map(|folder| Ensemble::open(folder, load)).collect();
        let ensemble = match <[Ensemble; 1]>::try_from(ensembles?) {
            Ok([one]) => one,
            Err(several) => {
                Ensemble::new(several.into_iter().flat_map(Ensemble::into_members).collect())?
            }
        };
        for (number, teacher) in (1..).zip(ensemble.members()) {
            check(student, teacher).map_err(|what| {
                GleanerError::Settings(format!("teacher: model {number} {what}"))
            })?;
        }
        let mut trained_on = Some(TrainedOn::default());
        for folder in folders {
            let of_folder = TrainedOn::read(folder)?;
            trained_on = trained_on.zip(of_folder).map(|(all, own)| all.with(own));
        }
        Ok(Some(Self { settings, ensemble, trained_on }))
    }

    /// The sentences that the teachers were trained on; `None` where a folder does not record them.
    pub(super) fn trained_on(&self) -> Option<&TrainedOn> {
        self.trained_on.as_ref()
    }

    /// Moves the targets of the training text towards the teachers' distributions. A sentence that a teacher does not
    /// read in one window keeps its tags.
    pub(super) fn teach_training_text(
        &self,
        student: &Tagger,
        data: &Dataset,
        examples: &mut [Example],
    ) -> Result<(), GleanerError> {
        let share = self.settings.self_training.teacher_share;
        if share == 0.0 {
            return Ok(());
        }
        let words = examples.iter().zip(&data.train.sentences);
        let words: Vec<&[String]> =
            words.map(|(example, sentence)| &sentence.words[..example.words()]).collect();
        let lessons = self.ensemble.lessons(&student.labels, &words)?;
        for (example, lesson) in examples.iter_mut().zip(&lessons) {
            if let Some(Lesson { expectations, .. }) = lesson {
                example.learn(expectations, share, student.labels.len());
            }
        }
        Ok(())
    }

    /// Labels the pool, and chooses the sentences to add; `None` without a pool. A sentence that a teacher does not
    /// read in one window is not added.
    pub(super) fn label_pool(
        &self,
        student: &Tagger,
        data: &Dataset,
        texts: &EncodedTexts,
    ) -> Result<Option<(Round, Labelled)>, GleanerError> {
        let Some(pool) = &data.pool else { return Ok(None) };
        let fitting = |pieces| student.framing.cut(&student.tokenizer, pieces).1;
        let words: Vec<&[String]> = pool
            .sentences
            .iter()
            .zip(&texts.pool)
            .map(|(sentence, pieces)| &sentence.words[..fitting(pieces)])
            .collect();
        let lessons = self.ensemble.lessons(&student.labels, &words)?;
        let predictions: Vec<PoolPrediction> = lessons
            .into_iter()
            .zip(&pool.sentences)
            .map(|(lesson, sentence)| {
                let words = sentence.words.len();
                match lesson {
                    Some(lesson) => {
                        PoolPrediction::of_lesson(self.settings, &student.labels, words, lesson)
                    }
                    None => PoolPrediction::unknown(&student.labels, words),
                }
            })
            .collect();
        Ok(Some(pseudo::choose(self.settings, student, data, &predictions, None)))
    }
}

/// Whether a student can learn a teacher's distributions; if not, why.
fn check(student: &Tagger, teacher: &Tagger) -> Result<(), String> {
    if !student.labels.has_types_of(&teacher.labels) {
        return Err(format!(
            "knows the types {}, but the training text has {}; use a teacher of the same types",
            teacher.labels.types().join(", "),
            student.labels.types().join(", ")
        ));
    }
    if [student, teacher].iter().any(|tagger| tagger.framing.labels != PieceLabels::First) {
        return Err("or the student labels more pieces than the first of a word; use piece-labels = \"first\"".into());
    }
    if student.network.crf().rules.is_some() && teacher.network.crf().rules.is_none() {
        return Err(
            "may tag sequences that break IOB2; use constraints = false, or another teacher".into(),
        );
    }
    Ok(())
}
