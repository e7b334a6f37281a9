//! Events of trainings, adaptations and studies as the objects of JSON Lines output.

use crate::text;
use gleaner::{adapt, train::Event};
use gleaner_corpus::Corpus;
use gleaner_metrics::SeqevalMode;
use gleaner_study::Progress;
use serde_json::{Value, json};

/// An event of a training; `None` for those that JSON Lines output leaves out.
pub fn of_training(event: &Event) -> Option<Value> {
    Some(match event {
        Event::Start { settings, data, active } => json!({"event": "start", "settings": settings,
            "active-pieces": active, "train": data.train.sentences.len(), "dev": data.dev.sentences.len(),
            "test": sentences(data.test.as_ref()), "notes": data.notes, "files": data.files,
            "warnings": text::warnings(&data.warnings), "threads": rayon::current_num_threads()}),
        Event::Resumed { epochs, steps } => {
            json!({"event": "resumed", "epochs": epochs, "steps": steps})
        }
        Event::Tokenizer { warning } => json!({"event": "tokenizer", "warning": warning}),
        Event::Cut { sentences, words } => {
            json!({"event": "cut", "sentences": sentences, "words": words})
        }
        Event::Divided { parts } => json!({"event": "divided", "parts": parts}),
        Event::Epoch { record, best } => json!({"event": "epoch", "record": record, "best": best}),
        Event::TakenOver { model, new_labels } => {
            json!({"event": "taken-over", "model": model, "new-labels": new_labels})
        }
        Event::Labelled { epoch, round, confidences, chosen } => json!({"event": "labelled",
            "epoch": epoch, "round": round, "confidences": confidences, "chosen": chosen}),
        Event::Averaged { epochs, dev_f1, kept } => {
            json!({"event": "averaged", "epochs": epochs, "dev-f1": dev_f1, "kept": kept})
        }
        Event::Student { round, of } => json!({"event": "student", "round": round, "of": of}),
        Event::Test { scored, .. } => json!({"event": "test",
            "f1": scored.evaluation.report(SeqevalMode::Default).micro.f1, "published-score": scored.published}),
        _ => return None,
    })
}

/// Number of sentences of a part; 0 if there is no such part.
pub fn sentences(part: Option<&Corpus>) -> usize {
    part.map_or(0, |part| part.sentences.len())
}

/// An event of an adaptation; `None` for those that JSON Lines output leaves out.
pub fn of_adaptation(event: &adapt::Event) -> Option<Value> {
    use adapt::Event;
    Some(match event {
        Event::Start { settings, texts, notes, active, steps, head_steps } => {
            json!({"event": "start",
            "settings": settings, "texts": texts, "notes": notes, "active-pieces": active,
            "steps": steps, "head-steps": head_steps, "threads": rayon::current_num_threads()})
        }
        Event::Resumed { steps } => json!({"event": "resumed", "steps": steps}),
        Event::Measured { record } => json!({"event": "measured", "record": record}),
        _ => return None,
    })
}

/// What happens while a study runs; `None` for what JSON Lines output leaves out.
pub fn of_study(progress: &Progress) -> Option<Value> {
    Some(match progress {
        Progress::Started { run, .. } => {
            json!({"event": "started", "id": run.id, "name": run.name})
        }
        Progress::Training { run, event: Event::Epoch { record, .. }, .. } => {
            json!({"event": "epoch", "id": run.id, "name": run.name, "record": record})
        }
        Progress::Training { run, event: Event::Resumed { epochs, steps }, .. } => {
            json!({"event": "resumed", "id": run.id, "name": run.name, "epochs": epochs, "steps": steps})
        }
        Progress::Finished { run, record, time, .. } => json!({"event": "finished", "id": run.id,
            "name": run.name, "published-score": record.test.published_score,
            "f1": record.test.entities.micro.f1, "seconds": time.as_secs_f64()}),
        Progress::Failed { run, error, .. } => {
            json!({"event": "failed", "id": run.id, "name": run.name, "error": error})
        }
        Progress::LeftOut { run, .. } => {
            json!({"event": "left-out", "id": run.id, "name": run.name})
        }
        Progress::Training { .. } | Progress::Elsewhere { .. } | Progress::Waiting => return None,
    })
}
