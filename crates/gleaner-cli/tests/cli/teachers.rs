//! Training with teachers: `--teacher`.

use crate::common::{self, Sandbox, objects, tagger, training};
use serde_json::Value;

/// A training of a fresh student with a pool.
fn student(more: &str) -> String {
    format!(
        "--data data --pool sample:af --pool-limit 60 --quantile 0.1 --entropy 5 --epochs 10 --lstm-units 16 \
         --rate-encoder 1e-3 --rate-lstm 0.02 --checkpoint-seconds 0 --teacher {} {more}",
        tagger().display()
    )
}

fn history(sandbox: &Sandbox, folder: &str) -> Vec<Value> {
    sandbox.json(&format!("{folder}/gleaner.json"))["history"].as_array().unwrap().clone()
}

fn f1(sandbox: &Sandbox, folder: &str) -> f64 {
    let (out, _) = sandbox.run(&format!("evaluate {folder} data/test.conll --output json"));
    objects(&out)[0]["default"]["report"]["micro"]["f1"].as_f64().unwrap()
}

#[test]
fn a_student_learns_from_the_pool_that_its_teacher_labels_once_before_the_first_epoch() {
    let sandbox = Sandbox::with_data();
    let (out, _) = sandbox.run(&training("taught", &student("--targets soft --output json")));
    let events = objects(&out);
    let labelled: Vec<&Value> = events.iter().filter(|e| e["event"] == "labelled").collect();
    assert_eq!(labelled.len(), 1, "{labelled:?}");
    assert_eq!(labelled[0]["epoch"], 0);
    assert!(labelled[0]["round"]["added"].as_u64().unwrap() > 20, "{labelled:?}");
    assert!(history(&sandbox, "taught").iter().all(|epoch| epoch["round"].is_null()));
    sandbox.run(&training(
        "alone",
        "--data data --epochs 10 --lstm-units 16 --rate-encoder 1e-3 --rate-lstm 0.02",
    ));
    let (taught, alone) = (f1(&sandbox, "taught"), f1(&sandbox, "alone"));
    assert!(taught > alone, "{taught} {alone}");
}

#[test]
fn the_share_of_the_teacher_in_the_training_text_decides_the_targets() {
    let sandbox = Sandbox::with_data();
    let of = |folder: &str, more: &str| {
        let teacher = tagger().display().to_string();
        sandbox.run(&training(folder, &format!("--data data --teacher {teacher} {more}")));
        history(&sandbox, folder)
    };
    sandbox.run(&training("alone", "--data data"));
    assert_eq!(of("none", "--teacher-share 0"), history(&sandbox, "alone"));
    let (half, all) = (of("half", ""), of("all", "--teacher-share 1"));
    assert_ne!(half[0]["train-loss"], history(&sandbox, "alone")[0]["train-loss"]);
    assert_ne!(half[0]["train-loss"], all[0]["train-loss"]);
}

#[test]
fn a_killed_student_resumes_and_ends_with_the_same_bytes() {
    let sandbox = Sandbox::with_data();
    let settings = student("--targets soft");
    sandbox.run(&training("whole", &settings));
    common::kill_after(&sandbox, &training("out", &settings), 3);
    sandbox.run(&training("out", &format!("{settings} --resume")));
    for file in ["model.safetensors", "gleaner.json"] {
        assert!(
            sandbox.read(&format!("out/{file}")) == sandbox.read(&format!("whole/{file}")),
            "{file}"
        );
    }
}

#[test]
fn teachers_that_a_student_cannot_learn_from_are_refused() {
    let sandbox = Sandbox::with_data();
    let refused = |more: &str, code: i32| {
        sandbox.fails(&training("out", &format!("--data data --output quiet {more}")), code)
    };
    let of_tagger = format!("--teacher {}", tagger().display());
    assert_eq!(
        refused(&format!("{of_tagger} --map LOC=PLACE --map *=O"), 2),
        "teacher: model 1 knows the types LOC, ORG, PER, but the training text has PLACE; use a teacher of the same types"
    );
    assert_eq!(
        refused(&format!("{of_tagger} --piece-labels all"), 2),
        "teacher: model 1 or the student labels more pieces than the first of a word; use piece-labels = \"first\""
    );
    assert!(refused("--teacher missing", 4).starts_with("missing: no such folder"));
}

#[test]
fn what_a_teacher_was_trained_on_counts_as_the_students_training_text() {
    let sandbox = Sandbox::with_data();
    // The teacher's training text has these.
    let seen = gleaner_sample::to_conll(&gleaner_sample::target().train[100..105]);
    sandbox.write("seen.conll", seen);
    let texts = "--train data/train.conll --dev data/dev.conll --test seen.conll";
    let (_, err) =
        sandbox.run(&training("taught", &format!("{texts} --teacher {}", tagger().display())));
    let note = "the teacher was trained on 5 sentences of dev or test, so scores are too high";
    assert!(err.contains(note), "{err}");
    sandbox.run(&training("alone", texts));
    let known = |folder: &str| {
        let (out, _) = sandbox.run(&format!("evaluate {folder} seen.conll --output json"));
        objects(&out)[0]["trained-on"]["sentences"].clone()
    };
    assert_eq!((known("taught"), known("alone")), (5.into(), 0.into()));
}
