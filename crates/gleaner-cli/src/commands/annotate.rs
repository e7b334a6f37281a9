//! `gleaner annotate`: creates projects, adds texts to them, serves them to annotators, and writes the corpus.

mod audit;

use crate::{
    cli::AnnotateArgs,
    cores,
    corpus_files::{Prepared, Target, report},
    hub::Fetcher,
    output::{Output, say},
    reading, signals, text,
};
use anyhow::Result;
use gleaner::{GleanerError, Role, is_plain_text};
use gleaner_annotate::{
    Added, Log, NewProject, Part, Project, Service, Session, page_paths, router,
};
use gleaner_corpus::{Corpus, Problem, ReadOptions, read, read_plain};
use gleaner_serve::listen::{self, Listen, Stop, Token};
use serde_json::json;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

pub fn run(args: &AnnotateArgs, output: &Output) -> Result<()> {
    // Before anything is created or added.
    let options = reading::options(&args.read)?.read_options();
    let read = |path: &PathBuf| Ok((path.clone(), read_text(path, &options)?));
    let imported: Vec<(PathBuf, Corpus)> = args.import.iter().map(read).collect::<Result<_>>()?;
    match &args.audit {
        Some(corpus) => audit::create(args, corpus, output)?,
        None if args.new => create(args, output)?,
        None => {}
    }
    if !imported.is_empty() {
        import(args, &imported, output)?;
    }
    if let Some(out) = &args.export {
        export(args, out, output)?;
    }
    match args.new || !args.import.is_empty() || args.export.is_some() {
        true => Ok(()),
        false => serve(args, output),
    }
}

fn create(args: &AnnotateArgs, output: &Output) -> Result<()> {
    let new = NewProject { types: args.types.clone(), encoder: args.encoder.clone() };
    Project::create(&args.project, &new)?;
    let shown = args.project.display();
    output.human(&format!(
        "created {shown}: types {}; its settings are in {shown}/project.toml",
        args.types.join(", ")
    ))?;
    output.event("created", &json!({"project": args.project, "types": args.types}))
}

fn import(args: &AnnotateArgs, texts: &[(PathBuf, Corpus)], output: &Output) -> Result<()> {
    let mut session = Session::open(&args.project)?;
    session.warning().iter().for_each(|warning| output.note(&format!("warning: {warning}")));
    for (path, corpus) in texts {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let Added { sentences, repeated } = session.import(&name, &corpus.sentences)?;
        report(Role::Whole, corpus, output)?;
        let known = match repeated {
            0 => String::new(),
            n => format!("; {} in the project already", text::grouped(n)),
        };
        let all = text::grouped(session.project().texts().len());
        output.human(&format!(
            "{}: added {} sentences{known}; the project has {all}",
            path.display(),
            text::grouped(sentences)
        ))?;
        output
            .event("imported", &json!({"path": path, "added": sentences, "repeated": repeated}))?;
    }
    Ok(())
}

/// A text with or without labels. One without is read as such, and not refused.
fn read_text(path: &Path, options: &ReadOptions) -> Result<Corpus> {
    if is_plain_text(path, options)? {
        return Ok(read_plain(path, options)?);
    }
    match read(path, options) {
        Err(e) if matches!(e.problem(), Problem::OneColumn | Problem::NoTags) => {
            Ok(read(path, &ReadOptions { unlabelled: true, ..options.clone() })?)
        }
        read => Ok(read?),
    }
}

fn export(args: &AnnotateArgs, out: &Path, output: &Output) -> Result<()> {
    // Read only: the project may be being annotated.
    let project = Project::read(&args.project)?;
    if project.audit().is_some() {
        return audit::export(args, &project, out, output);
    }
    let parts = [Part::Train, Part::Test].map(|part| (part, project.corpus(part)));
    if parts[0].1.sentences.is_empty() {
        let what = "no sentence is accepted yet, apart from those that are held out";
        let shown = args.project.display();
        let error = format!("{shown}: {what}; annotate some with `gleaner annotate {shown}`");
        return Err(GleanerError::NoTrainingText(error).into());
    }
    let target = Target::of(args.to, args.force);
    let parts = parts.iter().filter(|(_, corpus)| !corpus.sentences.is_empty());
    let files: Vec<_> =
        parts.map(|(part, corpus)| (target.part(out, &part.to_string()), corpus)).collect();
    let paths: Vec<_> = files.iter().map(|(path, _)| path.clone()).collect();
    target.claim_folder(out, &paths)?;
    let prepared: Vec<Prepared> =
        files.iter().map(|(path, corpus)| target.prepare(corpus, path)).collect::<Result<_>>()?;
    Prepared::write(&prepared, output)
}

fn serve(args: &AnnotateArgs, output: &Output) -> Result<()> {
    let token = args.token_file.as_deref().map(Token::read).transpose()?;
    let listen = Listen {
        token,
        hosts: args.hosts.clone(),
        // The page asks for the token; it says nothing of the project.
        open: page_paths(),
        ..Listen::new(SocketAddr::new(args.bind, args.port))
    };
    listen.check()?;
    let session = Session::open(&args.project)?;
    session.warning().iter().for_each(|warning| output.note(&format!("warning: {warning}")));
    if session.project().texts().is_empty() {
        let shown = args.project.display();
        let what = format!(
            "{shown}: no sentences; add some with `gleaner annotate {shown} --import FILE`"
        );
        return Err(GleanerError::NoTrainingText(what).into());
    }
    let mut training = session.project().settings().training()?;
    if let Some(settings) = &mut training {
        Fetcher::without_events(output).resolve(settings)?;
    }
    let threads = args.threads.or_else(|| training.as_ref().and_then(|own| own.run.threads));
    cores::set_threads(threads)?;
    let log: Log = Arc::new(|line: &str| say(&format!("warning: {line}")));
    let service = Service::start(session, training, log)?;
    let stop = Stop::default();
    let stopping = stop.clone();
    signals::on_stop(output, "request", move || stopping.request(), || ());
    let mut announced = Ok(());
    listen::run(&listen, router(service), &stop, |address| {
        output.note(&format!("annotate at http://{address}/"));
        announced = output.event("listening", &json!({"address": address.to_string()}));
    })?;
    announced
}
