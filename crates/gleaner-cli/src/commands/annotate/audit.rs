//! Projects that review a labelled corpus: creates them, and writes the corrected corpus.

use crate::{
    cli::AnnotateArgs,
    commands::audit::print_sizes,
    cores,
    corpus_files::{Prepared, Target},
    hub::Fetcher,
    new_folder,
    output::Output,
    reading, settings, text,
};
use anyhow::Result;
use gleaner::{
    CorpusPath, Ensemble, GleanerError, Overrides, TrainedOn, audit::read_data_sets, is_sample,
};
use gleaner_annotate::{
    Project,
    audit::{Audit, Predicted, Reason, audited_files, doubts, predict, predicted_in, types},
    corrected, patch,
};
use gleaner_corpus::audit::{DataSet, Part};
use serde_json::{Map, Value, json};
use std::path::Path;

pub(super) fn create(args: &AnnotateArgs, corpus: &CorpusPath, output: &Output) -> Result<()> {
    cores::set_threads(args.threads)?;
    // Before the texts are read and labelled, which can take long.
    new_folder::check(&args.project)?;
    let set = read(args, corpus, output)?;
    let files = audited_files(&set)?;
    Project::check_new(&args.project, &types(&set, &[]))?;
    let predicted = match (&args.model, &args.predicted) {
        (Some(model), _) => by_model(args, model, &set, output)?,
        (None, Some(labelled)) => in_text(args, labelled, &set)?,
        (None, None) => Vec::new(),
    };
    let doubts = doubts(&set, args.part, &predicted);
    let shown = set.name.clone();
    let part = args.part.map_or_else(String::new, |part| format!(" in {part}"));
    let reasons: Vec<(Reason, usize)> = Reason::ALL
        .into_iter()
        .map(|why| (why, doubts.iter().filter(|doubt| doubt.why == why).count()))
        .filter(|(_, n)| *n > 0)
        .collect();
    let name = |why: &Reason| json!(why).as_str().unwrap_or_default().to_owned();
    let counted: Map<String, Value> =
        reasons.iter().map(|(why, n)| (name(why), (*n).into())).collect();
    let found = json!({"corpus": shown, "sentences": set.entries.len(), "doubts": counted});
    output.event("audited", &found)?;
    if doubts.is_empty() {
        return output
            .human(&format!("{shown}: no doubtful sentences{part}, so no project was created"));
    }
    for (why, n) in &reasons {
        output.human(&format!("{:>7}  {}", text::grouped(*n), why.words()))?;
    }
    save(&args.project, &set, &Audit::new(files, doubts), &part, output)
}

/// Reads the corpus, and shows how it was read.
fn read(args: &AnnotateArgs, corpus: &CorpusPath, output: &Output) -> Result<DataSet> {
    if is_sample(&corpus.path) {
        let shown = corpus.path.display();
        let what = format!("{shown}: not in files; write it with `gleaner data sample FOLDER`");
        return Err(GleanerError::Settings(what).into());
    }
    let mut options = Overrides::default();
    options.corpus = args.read.options.clone();
    let settings = settings::resolve(None, &options, &args.read.map)?;
    let corpus = Fetcher::new(output).corpus(corpus)?;
    let sets = read_data_sets(std::slice::from_ref(&corpus), &settings)?;
    print_sizes(&sets, output)?;
    let nothing = |what: &str| {
        let what = format!("{}: {what}; name a labelled text", corpus.path.display());
        GleanerError::NoTrainingText(what)
    };
    let set = sets.into_iter().next().ok_or_else(|| nothing("no text"))?;
    if set.entries.iter().all(|entry| entry.sentence.entities().is_empty()) {
        return Err(nothing("no entity is labelled, so there is nothing to review").into());
    }
    match args.part {
        Some(part) if set.part(part).next().is_none() => {
            let what = format!("--part {part}: {} has no such part; leave it out", set.name);
            Err(GleanerError::Settings(what).into())
        }
        _ => Ok(set),
    }
}

/// What a model says of the sentences.
fn by_model(
    args: &AnnotateArgs,
    model: &Path,
    set: &DataSet,
    output: &Output,
) -> Result<Vec<Option<Predicted>>> {
    let folder = Fetcher::new(output).model_folder(model)?;
    let model = Ensemble::load(&folder)?;
    let types: Vec<String> = model.types().into_iter().map(str::to_owned).collect();
    Project::check_new(&args.project, &types)?;
    if let Some(trained_on) = TrainedOn::read(&folder)? {
        let known = set.entries.iter().filter(|entry| trained_on.contains(&entry.sentence));
        match known.count() {
            0 => {}
            n => output.note(&format!(
                "note: the model was trained on {} of the {} sentences, and may repeat their errors",
                text::grouped(n),
                text::grouped(set.entries.len())
            )),
        }
    }
    Ok(predict(&model, set)?)
}

/// What a text that a model has labelled says of the sentences.
fn in_text(
    args: &AnnotateArgs,
    labelled: &CorpusPath,
    set: &DataSet,
) -> Result<Vec<Option<Predicted>>> {
    let options = labelled.among(&reading::options(&args.read)?);
    let corpus = gleaner_corpus::read(&labelled.path, &options.read_options())?;
    let predicted = predicted_in(set, &corpus.sentences);
    if predicted.iter().all(Option::is_none) {
        let shown = labelled.path.display();
        let what = format!("{shown}: no sentence of {} is in it; label that corpus", set.name);
        return Err(GleanerError::Settings(what).into());
    }
    Ok(predicted)
}

fn save(project: &Path, set: &DataSet, audit: &Audit, part: &str, output: &Output) -> Result<()> {
    // Whoever reviews it would learn that only at the end.
    audit.check_files()?;
    let (types, n) = (types(set, &audit.doubts), audit.doubts.len());
    Project::create_audit(project, &types, set, audit)?;
    output.human(&format!(
        "created {}: {} of the {} sentences of {} are doubtful{part}; types {}",
        project.display(),
        text::grouped(n),
        text::grouped(set.entries.len()),
        set.name,
        types.join(", ")
    ))?;
    output.event("created", &json!({"project": project, "types": types}))
}

/// Writes the corrected corpus and the patch.
pub(super) fn export(
    args: &AnnotateArgs,
    project: &Project,
    out: &Path,
    output: &Output,
) -> Result<()> {
    let shown = args.project.display();
    if args.force {
        let what = "--force: the corpus of an audit is written to a new folder only; choose one";
        return Err(GleanerError::Settings(what.into()).into());
    }
    new_folder::check(out)?;
    if project.state().verdicts().is_empty() {
        let what = "no sentence is confirmed, changed or rejected yet";
        let error = format!("{shown}: {what}; review some with `gleaner annotate {shown}`");
        return Err(GleanerError::NoTrainingText(error).into());
    }
    if let Some(audit) = project.audit() {
        audit.check_files()?;
    }
    let target = Target::of(args.to, false);
    let mut prepared = Vec::new();
    for (part, corpus) in corrected(project) {
        let name = match part {
            // No name of a part: the folder would look like a corpus of several.
            Part::Whole => "corpus".to_owned(),
            part => part.to_string(),
        };
        prepared.push(target.prepare(&corpus, &target.part(out, &name))?);
    }
    prepared.push(Prepared::lines(out.join("patch.jsonl"), &patch(project))?);
    Prepared::write(&prepared, output)
}
