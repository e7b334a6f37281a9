//! Simulated annotation: which sentences of the training text a run is trained on.

use crate::{
    error::StudyError,
    plan::{Plan, Run},
    results::{ANNOTATION_NOTE, Annotated, Results},
    task::Task,
};
use gleaner::{
    Dataset, Ensemble, Sentence, Tagger,
    active::{Order, Query, next, random},
    train::compute,
};

/// Leaves in the training text the sentences that the run at `at` is trained on, if it simulates annotation. They are
/// chosen once and recorded before the training starts, so that it resumes on the same text even where the model that
/// chose them was trained again.
pub(super) fn annotate(
    plan: &Plan,
    at: usize,
    results: &Results,
    data: &mut Dataset,
) -> Result<(), StudyError> {
    let run = &plan.runs[at];
    let Task::Active { order, size, .. } = run.task else { return Ok(()) };
    let folder = results.run(&run.id);
    let train = &data.train.sentences;
    if !folder.has_annotated() {
        let sentences = match run.needs {
            None => random(train.len(), size, run.settings.run.seed),
            Some(model) => continued(&plan.runs[model], run, (order, size), results, train)?,
        };
        folder.write_annotated(&Annotated::of(sentences, train))?;
    }
    let sentences = folder.annotated_of(train)?.sentences;
    data.notes.push(format!(
        "{ANNOTATION_NOTE}trained on {} of {} sentences, those that come first in {order} order",
        sentences.len(),
        train.len()
    ));
    data.keep_training(&sentences, &run.settings)?;
    Ok(())
}

/// The sentences of the run before, and those that its model chooses next.
fn continued(
    before: &Run,
    run: &Run,
    (order, size): (Order, usize),
    results: &Results,
    train: &[Sentence],
) -> Result<Vec<usize>, StudyError> {
    let folder = results.run(&before.id);
    let mut sentences = folder.annotated_of(train)?.sentences;
    let open: Vec<usize> = (0..train.len()).filter(|at| !sentences.contains(at)).collect();
    let pool: Vec<Sentence> = open.iter().map(|&at| train[at].clone()).collect();
    let tagger = Tagger::load_on(folder.model(), compute(&run.settings)?)?;
    let take = size.saturating_sub(sentences.len());
    let query = Query { order, take, seed: run.settings.run.seed };
    let chosen = next(&Ensemble::new(vec![tagger])?, &pool, &query)?;
    sentences.extend(chosen.into_iter().map(|at| open[at]));
    Ok(sentences)
}
