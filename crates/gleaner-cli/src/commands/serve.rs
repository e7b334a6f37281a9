//! `gleaner serve`: labels text for other programs, over HTTP.

use crate::{
    cli::{OutputMode, ServeArgs},
    cores,
    hub::Fetcher,
    opened,
    output::{Output, escaped, say},
    signals,
};
use anyhow::Result;
use gleaner::Ensemble;
use gleaner_serve::{
    Event, Log, Server, Source,
    listen::{Listen, Stop, Token},
};
use serde_json::{Value, json};
use std::{
    io::{Write, stderr},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

pub fn run(args: &ServeArgs, output: &Output) -> Result<()> {
    let listen = listen(args)?;
    cores::set_threads(args.compute.threads)?;
    // Lines of a log are not mixed with notes.
    let mode = if args.log { OutputMode::Quiet } else { output.mode };
    let notes = Output { mode, colour: output.colour };
    let sources = sources(args, &notes)?;
    let stop = Stop::default();
    let stopping = stop.clone();
    signals::on_stop(&notes, "request", move || stopping.request(), || ());
    let (compute, of_models) = (args.compute.clone(), Output { mode, colour: output.colour });
    let open = move |folder: &Path| -> Result<Arc<Ensemble>> {
        // While a folder is copied, its files can be of two models.
        Ensemble::check_files(folder)?;
        Ok(opened::open(folder, &compute, &of_models)?.ensemble)
    };
    let server = Server::load(sources, args.queue, log(args.log, mode), open)?;
    let mut announced = Ok(());
    server.run(listen, &stop, |address| announced = announce(&server, address, args, output))?;
    announced
}

fn listen(args: &ServeArgs) -> Result<Listen> {
    let token = args.token_file.as_deref().map(Token::read).transpose()?;
    let listen = Listen {
        token,
        hosts: args.hosts.clone(),
        body_limit: usize::from(args.max_request) << 20,
        time_limit: Duration::from_secs(args.time_limit.into()),
        ..Listen::new(SocketAddr::new(args.bind, args.port))
    };
    // Before models are loaded, which takes long.
    listen.check()?;
    Ok(listen)
}

fn sources(args: &ServeArgs, output: &Output) -> Result<Vec<Source>> {
    let fetcher = Fetcher::without_events(output);
    let first = ("default".to_owned(), args.model.clone());
    let named = std::iter::once(&first).chain(&args.others);
    let source = |(name, model): &(String, PathBuf)| {
        Ok(Source { name: name.clone(), folder: fetcher.model_folder(model)? })
    };
    named.map(source).collect()
}

/// Says where the server listens.
fn announce(server: &Server, address: SocketAddr, args: &ServeArgs, output: &Output) -> Result<()> {
    let models = server.models();
    let names: Vec<&str> = models.iter().map(|(name, _)| name.as_str()).collect();
    let object = |(name, version): &(String, String)| json!({"name": name, "version": version});
    let objects: Vec<Value> = models.iter().map(object).collect();
    let listening = json!({"address": address.to_string(), "models": objects});
    if args.log {
        write_line("listening", &listening);
    } else {
        output.note(&format!("listening on http://{address}/ (models: {})", names.join(", ")));
    }
    output.event("listening", &listening)
}

/// What becomes of events: lines of JSON, or notes of what is not a request.
fn log(is_log: bool, mode: OutputMode) -> Log {
    if is_log {
        return Arc::new(|event| {
            let (name, fields) = object(event);
            write_line(name, &fields);
        });
    }
    Arc::new(move |event| match event {
        Event::Replaced { model, version } if mode == OutputMode::Human => {
            say(&format!("{model}: replaced by {version}"));
        }
        Event::NotReplaced { model, error } => {
            say(&format!(
                "warning: {model}: the new model cannot be loaded, the one before is served: {error}"
            ));
        }
        Event::Failed { model, error } => {
            say(&format!("warning: {model}: a request could not be answered: {error}"));
        }
        _ => {}
    })
}

/// The name of an event, and what it says.
fn object(event: &Event<'_>) -> (&'static str, Value) {
    match event {
        Event::Handled(handled) => {
            let milliseconds = (handled.time.as_secs_f64() * 1e6).round() / 1e3;
            let fields = json!({"method": handled.method, "route": handled.route, "status": handled.status, "ms": milliseconds});
            ("request", fields)
        }
        Event::Replaced { model, version } => {
            ("replaced", json!({"model": model, "version": version}))
        }
        Event::NotReplaced { model, error } => {
            ("not-replaced", json!({"model": model, "error": escaped(error)}))
        }
        Event::Failed { model, error } => {
            ("failed", json!({"model": model, "error": escaped(error)}))
        }
        _ => ("other", json!({})),
    }
}

/// Writes an event with its time, in seconds since 1970. A log that cannot be written does not stop the server.
fn write_line(name: &str, fields: &Value) {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let mut line = json!({"time": time as f64 / 1e3, "event": name});
    if let (Some(line), Some(fields)) = (line.as_object_mut(), fields.as_object()) {
        line.extend(fields.clone());
    }
    let _ = writeln!(stderr(), "{line}");
}
