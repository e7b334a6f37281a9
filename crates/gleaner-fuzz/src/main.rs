//! Runs harnesses for a time: `gleaner-fuzz [HARNESS|all] [SECONDS] [SEED] [INPUTS]`, or lists them:
//! `gleaner-fuzz list`. See `scripts/fuzz`.

use gleaner_fuzz::{HARNESSES, Harness, Limit, Watched, run};
use std::{
    env, process,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// The longest time that an input may take.
const HANGS: Duration = Duration::from_secs(1);

fn main() {
    let mut args = env::args().skip(1);
    let name = args.next().unwrap_or_else(|| "all".to_owned());
    let number = |text: Option<String>, usual: u64| text.map_or(Ok(usual), |text| text.parse());
    let (Ok(seconds), Ok(seed), Ok(inputs)) =
        (number(args.next(), 60), number(args.next(), 1), number(args.next(), u64::MAX))
    else {
        return usage();
    };
    if name == "list" {
        HARNESSES.iter().for_each(|harness| println!("{}", harness.name));
        return;
    }
    let limit = Limit { inputs, time: Duration::from_secs(seconds) };
    let chosen: Vec<&Harness> =
        HARNESSES.iter().filter(|harness| name == "all" || name == harness.name).collect();
    if chosen.is_empty() {
        return usage();
    }
    for harness in chosen {
        one(harness, limit, seed);
    }
}

fn one(harness: &Harness, limit: Limit, seed: u64) {
    let watched = Arc::new(Watched::default());
    let (watching, name) = (Arc::clone(&watched), harness.name);
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_millis(100));
            if let Some(input) = watching.hanging(HANGS) {
                let path = env::temp_dir().join(format!("gleaner-fuzz-{name}-hang"));
                let _ = std::fs::write(&path, input);
                eprintln!("{name}: an input takes more than {HANGS:?}; it is {}", path.display());
                process::exit(1);
            }
        }
    });
    let start = Instant::now();
    let report = run(harness, limit, seed, &watched);
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{name}: {} inputs in {seconds:.0} s, {:.0} a second; {} accepted, {} different results; at most {:.0} % of the \
         memory and {:.3} s an input",
        report.inputs,
        report.inputs as f64 / seconds,
        report.accepted,
        report.results,
        100.0 * report.memory,
        report.slowest.as_secs_f64()
    );
}

fn usage() {
    let names: Vec<&str> = HARNESSES.iter().map(|harness| harness.name).collect();
    eprintln!(
        "usage: gleaner-fuzz [HARNESS|all|list] [SECONDS] [SEED] [INPUTS]; the harnesses are {}",
        names.join(", ")
    );
    process::exit(2);
}
