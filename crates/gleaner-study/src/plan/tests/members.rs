//! Recipes whose models vote, and models that learn from them.

use super::*;
use gleaner::{Student, Targets};

const VOTED: &str = r#"
encoder = "sample:tiny"
seeds = [1, 2]
folds = 2
pairs = ["af <- nl"]
[settings]
epochs = 3
[languages.af]
data = "sample:af"
unlabelled = ["sample:af"]
[languages.nl]
data = "sample:nl"
[experiments.recipes.helped]
start = "sources"
factor = 1
rows = 30
members = 3
distil = true
[experiments.recipes.more]
start = "sources"
factor = 1
rows = 30
members = 4
[experiments.recipes.plain]
settings = { epochs = 4 }
[experiments.recipes.all]
members = ["plain", "helped", "more"]
distil = true
start = "helped"
pool = "target"
settings = { student = "fresh", rounds = 2, teacher-share = 0.9 }
"#;

fn run<'a>(plan: &'a Plan, name: &str) -> &'a Run {
    plan.runs.iter().find(|r| r.name == name).unwrap_or_else(|| panic!("{name}"))
}

fn names(plan: &Plan, positions: impl IntoIterator<Item = usize>) -> Vec<&str> {
    positions.into_iter().map(|at| plan.runs[at].name.as_str()).collect()
}

#[test]
fn recipes_share_members_that_start_from_one_model_and_differ_in_their_seed() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan_in(folder.path(), VOTED);
    let ensemble = run(&plan, "ensemble/helped/af/fold2/seed1");
    let members = |ensemble: &Run| names(&plan, ensemble.members.iter().copied()).join(" ");
    assert_eq!(
        members(ensemble),
        "member/af/m1/fold2/seed1 member/af/m2/fold2/seed1 member/af/m3/fold2/seed1"
    );
    let seeds: Vec<u64> =
        ensemble.members.iter().map(|at| plan.runs[*at].settings.run.seed).collect();
    // The second fold adds 100.
    assert_eq!(seeds, [101, 1101, 2101]);
    for &at in &ensemble.members {
        assert_eq!(names(&plan, plan.runs[at].needs), ["source/nl/x1/seed1"]);
    }
    let more = run(&plan, "ensemble/more/af/fold2/seed1");
    assert_eq!(more.members[..3], ensemble.members);
    assert_eq!(more.members.len(), 4);
    let all = run(&plan, "ensemble/all/af/fold2/seed1");
    assert_eq!(names(&plan, [all.members[0]]), ["recipe/plain/af/fold2/seed1"]);
    assert_eq!(all.members[1..], more.members, "each votes once");
    assert_eq!((all.needs, all.teacher, &all.settings.network.start), (None, None, &None));
    // 2 seeds, 2 folds.
    let count = |kind: &str| plan.runs.iter().filter(|r| r.name.starts_with(kind)).count();
    assert_eq!((count("member/"), count("ensemble/"), count("distilled/")), (16, 12, 8));
    for (at, run) in plan.runs.iter().enumerate() {
        assert!(run.needed().all(|n| n < at), "{}", run.name);
        assert!(run.work > 0.0, "{}", run.name);
    }
}

#[test]
fn the_time_of_a_distilled_model_grows_with_the_number_of_its_teachers() {
    let folder = tempfile::tempdir().unwrap();
    let work = |members: usize, pool: &str| {
        let study = VOTED.replace(
            "members = 3\ndistil = true",
            &format!("members = {members}\ndistil = true\n{pool}"),
        );
        run(&plan_in(folder.path(), &study), "distilled/helped/af/fold1/seed1").work
    };
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} {b}");
    // Each teacher labels the training text once, and the pool once.
    let of_training_text = work(4, "") - work(3, "");
    assert!(of_training_text > 0.0);
    close(work(6, "") - work(3, ""), 3.0 * of_training_text);
    let pool = "pool = \"target\"\npool-limit = 100";
    close(work(4, pool) - work(3, pool), of_training_text + 0.35 * 100.0);
}

#[test]
fn a_distilled_model_starts_as_its_recipe_says_and_learns_soft_targets_from_the_ensemble() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan_in(folder.path(), VOTED);
    let distilled = run(&plan, "distilled/all/af/fold1/seed2");
    assert_eq!(names(&plan, distilled.needs), ["distilled/helped/af/fold1/seed2"]);
    assert_eq!(names(&plan, distilled.teacher), ["ensemble/all/af/fold1/seed2"]);
    let own = &distilled.settings.self_training;
    let model = |at: Option<usize>| {
        folder.path().join("results/runs").join(&plan.runs[at.unwrap()].id).join("model")
    };
    assert_eq!(own.teacher, [model(distilled.teacher)]);
    assert_eq!(distilled.settings.network.start, Some(model(distilled.needs)));
    assert_eq!((own.targets, own.student), (Targets::Soft, Student::Continue));
    assert_eq!((own.teacher_share, own.pool.len()), (0.9, 1));
    let hard = VOTED.replace("rounds = 2", "targets = \"hard\"");
    let hard = plan_in(folder.path(), &hard);
    let distilled = run(&hard, "distilled/all/af/fold1/seed2");
    assert_eq!(distilled.settings.self_training.targets, Targets::Hard);
    // Test sentences may occur in the text of every model that it learns from.
    let at = plan.runs.iter().position(|r| r.name == "distilled/helped/af/fold1/seed2").unwrap();
    let chain = names(&plan, plan.chain(at));
    assert_eq!(
        chain,
        [
            "distilled/helped/af/fold1/seed2",
            "source/nl/x1/seed2",
            "ensemble/helped/af/fold1/seed2",
            "member/af/m1/fold1/seed2",
            "member/af/m2/fold1/seed2",
            "member/af/m3/fold1/seed2",
        ]
    );
}

#[test]
fn ids_of_ensembles_depend_on_their_members_alone() {
    let folder = tempfile::tempdir().unwrap();
    let before = ids(&plan_in(folder.path(), VOTED));
    let changed = |old: &str, new: &str| -> BTreeSet<String> {
        assert!(VOTED.contains(old), "{old}");
        let after = ids(&plan_in(folder.path(), &VOTED.replacen(old, new, 1)));
        let gone = before.iter().filter(|(name, id)| after.get(*name) != Some(id));
        gone.map(|(name, _)| kind(name).to_owned()).collect()
    };
    let set = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(changed("share = 0.9", "share = 0.8"), set(&["distilled/all"]));
    assert_eq!(
        changed("{ epochs = 4 }", "{ epochs = 5 }"),
        set(&["recipe/plain", "ensemble/all", "distilled/all"])
    );
    let last = ["distilled/helped", "distilled/all", "ensemble/helped"];
    assert_eq!(changed("members = 3", "members = 2"), set(&last));
    assert_eq!(
        changed("[\"plain\", \"helped\"", "[\"helped\", \"plain\""),
        set(&["ensemble/all", "distilled/all"])
    );
    // Other settings make other members, which are named after their recipe where names would be equal.
    let other = VOTED.replace("members = 4", "members = 4\nsettings = { epochs = 9 }");
    let after = ids(&plan_in(folder.path(), &other));
    assert_eq!(after["member/af/m2/fold1/seed1"], before["member/af/m2/fold1/seed1"]);
    assert!(after.contains_key("member/af/m2/fold1/seed1/more"));
    assert!(after.contains_key("member/af/m4/fold1/seed1"));
}

#[test]
fn runs_that_are_selected_come_with_all_models_that_they_need() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan_in(folder.path(), VOTED);
    let chosen = plan.select(Some("distilled/helped/af/fold1/seed1")).unwrap();
    assert_eq!(
        names(&plan, chosen),
        [
            "source/nl/x1/seed1",
            "member/af/m1/fold1/seed1",
            "member/af/m2/fold1/seed1",
            "member/af/m3/fold1/seed1",
            "ensemble/helped/af/fold1/seed1",
            "distilled/helped/af/fold1/seed1",
        ]
    );
}
