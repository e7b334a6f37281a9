//! Ensembles and distilled models in a study: what is made of the members, and what the report says of it.

mod common;

use common::{finished, folder};
use gleaner::{Dataset, Ensemble, Provenance, Tagger, train};
use gleaner_report::study::Subset;
use gleaner_study::{Plan, Results, Run, write_tables};
use std::{fs, path::PathBuf};

const STUDY: &str = r#"
encoder = "sample:tiny"
seeds = [1, 2]
threads = 2
[settings]
epochs = 5
batch = 4
lstm-units = 8
lstm-layers = 1
rate-encoder = 1e-3
resamples = 200
[languages.af]
data = "af"
unlabelled = ["sample:af"]
[experiments.recipes.longer]
settings = { epochs = 7 }
[experiments.recipes.three]
members = 3
against = "longer"
[experiments.recipes.four]
members = ["longer", "three"]
distil = true
pool = "target"
pool-limit = 40
settings = { quantile = 0.2, entropy = 9.0 }
"#;

fn find<'a>(plan: &'a Plan, name: &str) -> &'a Run {
    plan.runs.iter().find(|run| run.name == name).unwrap_or_else(|| panic!("{name}"))
}

fn test_f1(results: &Results, run: &Run) -> f64 {
    results.run(&run.id).record().unwrap().test.entities.micro.f1
}

/// The tags that a run predicted for the test text.
fn predicted(results: &Results, run: &Run) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(results.run(&run.id).path().join("test.jsonl")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    lines.map(|mut line| line["tags"].take()).collect()
}

#[test]
fn members_vote_as_an_ensemble_does_and_one_model_learns_from_them() {
    let folder = folder([60, 15, 30]);
    let (plan, results, data) = finished(folder.path(), STUDY, true, &|_| ());
    for seed in [1, 2] {
        let run = find(&plan, &format!("ensemble/four/af/seed{seed}"));
        let members: Vec<&Run> = run.members.iter().map(|at| &plan.runs[*at]).collect();
        assert_eq!(members.len(), 4);
        // What `gleaner ensemble` does with the members.
        let models: Vec<PathBuf> = members.iter().map(|m| results.run(&m.id).model()).collect();
        let taggers = models.iter().map(Tagger::load).collect::<Result<Vec<_>, _>>().unwrap();
        let texts = Dataset::load(&run.settings).unwrap();
        let mut ensemble = Ensemble::new(taggers).unwrap();
        ensemble.calibrate(&texts.dev).unwrap();
        let scored = ensemble.score(&texts.test.unwrap(), usize::MAX).unwrap();
        let tags: Vec<_> =
            scored.tagged.iter().map(|t| serde_json::json!(t.scored_tags())).collect();
        assert_eq!(predicted(&results, run), tags, "seed {seed}");
        let stored = Ensemble::load(results.run(&run.id).model()).unwrap();
        assert_eq!(stored.temperature(), ensemble.temperature());
        assert!(members.iter().any(|member| predicted(&results, member) != tags));
        let distilled = find(&plan, &format!("distilled/four/af/seed{seed}"));
        let record = results.run(&distilled.id).record().unwrap();
        assert_eq!((record.train_sentences, record.history.len()), (60, 5));
        let folder = results.run(&distilled.id).model();
        assert!(Tagger::load(&folder).is_ok());
        let own = Provenance::read(&folder).unwrap().settings.self_training;
        assert_eq!(own.teacher, [results.run(&run.id).model()]);
        // The same training without a teacher has other losses. Other numbers of threads differ by less than 1e-4.
        let mut alone = distilled.settings.clone();
        alone.self_training.teacher.clear();
        let texts = Dataset::load(&alone).unwrap();
        let alone = train::fit(&alone, texts, None, &mut |_: &train::Event| ()).unwrap();
        let loss = |history: &[train::EpochRecord]| history[0].train_loss;
        let (taught, alone) = (loss(&record.history), loss(&alone.provenance.history));
        assert!((taught - alone).abs() > 1e-4, "seed {seed}: {taught} {alone}");
    }

    let all = |kind: &str| {
        let row = data.comparisons.iter().find(|r| r.kind == kind && r.subset == Subset::All);
        row.unwrap_or_else(|| panic!("{kind}")).clone()
    };
    let mean = |names: &[&str]| {
        let of = |name: &&str| [1, 2].map(|seed| find(&plan, &format!("{name}/seed{seed}")));
        let f1s: Vec<f64> = names.iter().flat_map(of).map(|run| test_f1(&results, run)).collect();
        f1s.iter().sum::<f64>() / f1s.len() as f64
    };
    let members = ["member/af/m1", "member/af/m2", "member/af/m3"];
    for (kind, baseline, system) in [
        ("recipe three", &["baseline/af"][..], "ensemble/three/af"),
        ("recipe three against longer", &["recipe/longer/af"][..], "ensemble/three/af"),
        ("recipe three against its members", &members[..], "ensemble/three/af"),
        ("recipe four distilled", &["baseline/af"][..], "distilled/four/af"),
        (
            "recipe four distilled against its members",
            &["recipe/longer/af", members[0], members[1], members[2]][..],
            "distilled/four/af",
        ),
    ] {
        let row = all(kind);
        let measured = row.measured.unwrap();
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{kind}: {a} {b}");
        close(measured.baseline, mean(baseline));
        close(measured.system, mean(&[system]));
        assert_eq!((row.seeds, row.runs), (2, 2), "{kind}");
    }
    let rows: Vec<(&str, u64)> = data.recipes.iter().map(|r| (&*r.recipe, r.seed)).collect();
    for recipe in ["longer", "three", "four", "four distilled"] {
        assert!([1, 2].iter().all(|seed| rows.contains(&(recipe, *seed))), "{rows:?}");
    }
    assert_eq!(rows.len(), 8, "members have no rows of their own");
    for row in &data.recipes {
        // The ensemble labels the pool of a distilled model, of which the record says nothing.
        let expected = (row.recipe != "four distilled").then_some(0);
        assert_eq!(row.added_sentences, expected, "{}", row.recipe);
    }
    assert!(!data.notes.iter().any(|note| note.contains("added no pseudo-labelled")));
    write_tables(&data, &results).unwrap();
    let summary = fs::read_to_string(results.path().join("summary.md")).unwrap();
    for text in ["members of ensembles", "members = longer+three, distil = true"] {
        assert!(summary.contains(text), "{text}: {summary}");
    }
}

#[test]
fn models_live_as_long_as_a_run_needs_them_and_are_made_again_for_a_new_one() {
    let folder = folder([60, 15, 30]);
    let one = STUDY.replace("[1, 2]", "[1]").replace("epochs = 5", "epochs = 1");
    let voted = one.replace("distil = true\npool = \"target\"\npool-limit = 40\n", "");
    let voted = voted.replace("settings = { quantile = 0.2, entropy = 9.0 }\n", "");
    let (plan, results, _) = finished(folder.path(), &voted, false, &|_| ());
    let ensemble = find(&plan, "ensemble/four/af/seed1");
    let before = predicted(&results, ensemble);
    assert!(plan.runs.iter().all(|run| !results.run(&run.id).model().exists()));
    // A new run learns from the ensemble: the members are trained again, and then the ensemble is made again.
    let (plan, results, _) = finished(folder.path(), &one, false, &|_| ());
    assert!(plan.runs.iter().all(|run| !results.run(&run.id).model().exists()));
    let again = find(&plan, "ensemble/four/af/seed1");
    let notes = results.run(&again.id).record().unwrap().notes;
    assert!(!notes.iter().any(|note| note.contains("trained again")), "{notes:?}");
    assert_eq!(predicted(&results, again), before);
    assert!(results.run(&find(&plan, "distilled/four/af/seed1").id).is_done());
}
