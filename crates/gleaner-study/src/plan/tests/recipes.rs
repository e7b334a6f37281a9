//! Cross-validation, recipes and learning curves.

use super::*;
use gleaner::Split;

const FOLDED: &str = r#"
encoder = "sample:tiny"
seeds = [1, 2]
folds = 3
pairs = ["af <- nl", "xx <- nl"]
[settings]
epochs = 3
[languages.af]
data = "sample:af"
unlabelled = ["sample:af"]
[languages.nl]
data = "sample:nl"
[languages.more]
data = "more"
[languages.xx]
data = "xx"
unlabelled = ["xx/train.conll"]
label-map = { PERSON = "PER" }
[experiments.transfer]
factors = [2]
[experiments.curve]
sizes = [5, 10, 100]
[experiments.recipes.both]
sources = ["nl", "more"]
factor = 2
rows = 30
start = "sources"
source-settings = { epochs = 4 }
[experiments.recipes.then]
start = "both"
sources = ["more", "xx"]
factor = 3
pool = "target"
pool-limit = 7
settings = { quantile = 0.3, epochs = 5 }
[experiments.recipes.plain]
start = "sources"
sources = "pair"
factor = 2
[experiments.recipes.together]
start = "joint"
sources = ["nl", "xx"]
factor = 1
"#;

fn folder() -> tempfile::TempDir {
    let folder = super::folder();
    std::fs::create_dir(folder.path().join("more")).unwrap();
    for part in ["train", "dev", "test"] {
        let text: String = (0..20).map(|i| format!("{part}{i}\tB-PER\n\n")).collect();
        std::fs::write(folder.path().join(format!("more/{part}.conll")), &text).unwrap();
    }
    folder
}

fn run<'a>(plan: &'a Plan, name: &str) -> &'a Run {
    plan.runs.iter().find(|r| r.name == name).unwrap_or_else(|| panic!("{name}"))
}

fn count(plan: &Plan, kind: &str) -> usize {
    plan.runs.iter().filter(|r| r.name.starts_with(kind)).count()
}

#[test]
fn experiments_run_for_every_fold_and_source_models_once_for_each_seed() {
    let folder = folder();
    let plan = plan_in(folder.path(), FOLDED);
    // 2 targets, 2 seeds, 3 folds.
    assert_eq!(count(&plan, "baseline/"), 12);
    assert_eq!(count(&plan, "transfer/"), 12);
    // In a fold, xx has 14 training sentences: sizes 5 and 10. af has about 180: all three.
    assert_eq!(count(&plan, "curve/"), (2 + 3) * 6);
    // nl ×2, which the recipe `plain` shares, and nl + more.
    assert_eq!(count(&plan, "source/"), 4);
    assert_eq!(plan.corpus_stats.texts.keys().collect::<Vec<_>>(), ["more", "nl", "xx"]);
    for run in &plan.runs {
        let s = &run.settings;
        match &run.task {
            Task::Source { .. } => {
                assert_eq!((s.data.split, run.fold, s.run.seed), (Split::Given, None, run.seed));
                let names: Vec<_> =
                    s.data.exclude.iter().map(|p| p.path.file_name().unwrap()).collect();
                assert_eq!(names, ["sample:af", "xx"], "{}", run.name);
            }
            _ => {
                let fold = run.fold.unwrap();
                assert_eq!(
                    (s.data.split, s.data.folds, s.data.fold, s.data.split_seed),
                    (Split::Folds, 3, fold, 42)
                );
                assert_eq!(s.run.seed, run.seed + 100 * (fold as u64 - 1), "{}", run.name);
                assert!(s.data.exclude.is_empty());
            }
        }
        if let (Some(baseline), false) =
            (plan.baseline_of(run), matches!(run.task, Task::Source { .. }))
        {
            let baseline = &plan.runs[baseline];
            assert_eq!((baseline.seed, baseline.fold), (run.seed, run.fold));
            assert_eq!(baseline.task.target(), run.task.target());
        }
    }
    let ids: BTreeSet<&String> = plan.runs.iter().map(|r| &r.id).collect();
    assert_eq!(ids.len(), plan.runs.len());
}

#[test]
fn an_experiment_runs_with_its_own_seeds_and_baselines_with_all() {
    let folder = folder();
    let text = FOLDED
        .replace("factors = [2]", "factors = [2]\nseeds = [2]")
        .replace("sizes = [5", "seeds = [1]\nsizes = [5")
        .replace("sources = [\"more\", \"xx\"]", "sources = [\"more\", \"xx\"]\nseeds = [1]")
        + "[experiments.zero-shot]\nfactors = [2]\nseeds = [1]\n[experiments.joint]\nfactors = [1]\nseeds = [2]\n\
           [experiments.pseudo]\nquantiles = [0.5]\nseeds = [1]\n";
    let plan = plan_in(folder.path(), &text);
    let seeds = |kind: &str| -> BTreeSet<u64> {
        plan.runs.iter().filter(|r| r.name.starts_with(kind)).map(|r| r.seed).collect()
    };
    for (kind, expected) in [
        ("baseline/", [1, 2].as_slice()),
        ("transfer/", &[2]),
        ("curve/", &[1]),
        ("zero-shot/", &[1]),
        ("joint/", &[2]),
        ("pseudo/", &[1]),
        ("recipe/both/", &[1, 2]),
        ("recipe/then/", &[1]),
    ] {
        assert_eq!(seeds(kind), expected.iter().copied().collect(), "{kind}");
    }
    // The same runs, fewer of them.
    let all = ids(&plan_in(
        folder.path(),
        &text.replace("seeds = [1]\n", "").replace("seeds = [2]\n", ""),
    ));
    assert!(ids(&plan).iter().all(|(name, id)| all[name] == *id));
}

#[test]
fn recipes_are_chains_and_share_models() {
    let folder = folder();
    let plan = plan_in(folder.path(), FOLDED);
    let start = |name: &str| run(&plan, name).needs.map(|at| plan.runs[at].name.as_str());
    assert_eq!(start("recipe/both/af/fold2/seed1"), Some("source/nl+more/x2/seed1"));
    assert_eq!(start("recipe/then/xx/fold3/seed2"), Some("recipe/both/xx/fold3/seed2"));
    assert_eq!(start("recipe/plain/xx/fold1/seed1"), Some("source/nl/x2/seed1"));
    assert_eq!(start("recipe/together/af/fold1/seed1"), None);
    let source = run(&plan, "source/nl+more/x2/seed1");
    assert_eq!((source.settings.optimizer.epochs, source.settings.data.cutoff), (4, Some(60)));
    assert_eq!(source.settings.data.join[0].limit, Some(60));
    let then = run(&plan, "recipe/then/xx/fold3/seed2");
    assert_eq!(
        (then.settings.self_training.quantile, then.settings.self_training.pool_limit),
        (0.3, Some(7))
    );
    assert_eq!(then.settings.self_training.pool, [folder.path().join("xx/train.conll").into()]);
    let joined = |name: &str| run(&plan, name).settings.data.join.len();
    assert_eq!(joined("recipe/together/af/fold1/seed1"), 2);
    assert_eq!(joined("recipe/together/xx/fold1/seed1"), 1, "not with itself");
    // Targets of a cross-validation are joined with all their parts, others with the training part.
    let whole = |name: &str| -> Vec<_> {
        run(&plan, name).settings.data.join.iter().map(|j| (j.limit, j.whole)).collect()
    };
    assert_eq!(whole("recipe/then/af/fold2/seed1"), [(Some(720), false), (Some(720), true)]);
    assert_eq!(whole("recipe/then/xx/fold2/seed1"), [(Some(720), false)]);
    assert_eq!(whole("source/nl+more/x2/seed1"), [(Some(60), false)]);
    let at = plan.runs.iter().position(|r| r.name == then.name).unwrap();
    let chain: Vec<_> = plan.chain(at).into_iter().map(|at| plan.runs[at].name.as_str()).collect();
    assert_eq!(chain[1..], ["recipe/both/xx/fold3/seed2", "source/nl+more/x2/seed2"]);
    for (at, run) in plan.runs.iter().enumerate() {
        assert!(run.needs.is_none_or(|n| n < at), "{}", run.name);
        assert!(run.work > 0.0, "{}", run.name);
    }
}

#[test]
fn ids_depend_on_joined_excluded_and_pool_texts() {
    let folder = folder();
    let path = folder.path();
    let before = ids(&plan_in(path, FOLDED));
    let changed = |old: &str, new: &str| -> BTreeSet<String> {
        assert!(FOLDED.contains(old), "{old}");
        let after = ids(&plan_in(path, &FOLDED.replacen(old, new, 1)));
        let gone = before.iter().filter(|(name, id)| after.get(*name) != Some(id));
        gone.map(|(name, _)| name.clone()).collect()
    };
    let recipes = |names: &BTreeSet<String>| -> BTreeSet<String> {
        names.iter().map(|n| kind(n).to_owned()).collect()
    };
    let expected = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<BTreeSet<_>>();
    let pool = changed("pool-limit = 7", "pool-limit = 8");
    assert_eq!(recipes(&pool), expected(&["recipe/then"]));
    let rows = changed("rows = 30", "rows = 31");
    assert_eq!(recipes(&rows), expected(&["recipe/both", "recipe/then", "source/nl+more"]));
    assert_eq!(changed("sizes = [5, 10, 100]", "sizes = [5, 8, 10, 100]"), BTreeSet::new());
    assert_eq!(changed("folds = 3", "folds = 4").len(), before.len() - 4, "all but source models");
    // A target's text decides source models too: they may not train on its sentences.
    let file = path.join("xx/train.conll");
    fs::write(&file, fs::read_to_string(&file).unwrap().replace("Ann7", "Eve7")).unwrap();
    let after = ids(&plan_in(path, FOLDED));
    let kept: BTreeSet<&str> = before
        .iter()
        .filter(|(name, id)| after[*name] == **id)
        .map(|(name, _)| name.split('/').next().unwrap())
        .collect();
    assert_eq!(kept, BTreeSet::from(["baseline", "curve"]), "of af alone");
}

#[test]
fn two_thousand_runs_have_two_thousand_ids() {
    let folder = folder();
    let text =
        FOLDED.replace("seeds = [1, 2]", &format!("seeds = {:?}", (1..=25).collect::<Vec<_>>()));
    let text =
        text.replace("folds = 3", "folds = 5").replace("factors = [2]", "factors = [1, 2, 3]");
    let plan = plan_in(folder.path(), &text);
    assert!(plan.runs.len() > 2000, "{}", plan.runs.len());
    let different = |of: fn(&Run) -> &String| plan.runs.iter().map(of).collect::<BTreeSet<_>>();
    assert_eq!(different(|run| &run.id).len(), plan.runs.len());
    assert_eq!(different(|run| &run.name).len(), plan.runs.len());
}

#[test]
fn the_cutoff_of_a_source_limits_its_pool() {
    let folder = folder();
    let limit = |old: &str, new: &str| {
        let text = FOLDED
            .replace("data = \"sample:nl\"", "data = \"sample:nl\"\ncutoff = 40")
            .replace("sources = [\"more\", \"xx\"]\n", "")
            .replace("factor = 3\npool = \"target\"", "pool = \"source\"")
            .replace(old, new);
        run(&plan_in(folder.path(), &text), "recipe/then/af/fold1/seed1")
            .settings
            .self_training
            .pool_limit
    };
    assert_eq!(limit("", ""), Some(7));
    assert_eq!(limit("pool-limit = 7", "pool-limit = 70"), Some(40));
    assert_eq!(limit("pool-limit = 7\n", ""), Some(40));
}

#[test]
fn a_recipe_may_have_an_encoder_of_its_own() {
    let folder = folder();
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        std::fs::write(other.join(name), name).unwrap();
    }
    let with = |recipe: &str| {
        let plain = "[experiments.recipes.plain]\n";
        plan_in(folder.path(), &FOLDED.replace(plain, &format!("{plain}{recipe}\n")))
    };
    let (before, plan) = (with(""), with("encoder = \"other\""));
    // Its source model is trained from it too, and no longer that of `transfer`.
    let own = ["source/nl/x2/seed1/plain", "source/nl/x2/seed2/plain"];
    assert_eq!(count(&plan, "source/"), 6);
    for run in &plan.runs {
        let expected = match own.contains(&run.name.as_str()) {
            true => other.clone(),
            false => PathBuf::from("sample:tiny"),
        };
        if run.settings.network.start.is_none() {
            assert_eq!(run.settings.network.encoder, Some(expected), "{}", run.name);
        }
    }
    let changed = |run: &&Run| before.runs.iter().all(|old| old.id != run.id);
    let changed: BTreeSet<&str> = plan.runs.iter().filter(changed).map(|r| kind(&r.name)).collect();
    assert_eq!(changed, BTreeSet::from(["recipe/plain", "source/nl"]));
    // Its models have its size, those that start from its source model too.
    let results = Results::new(&folder.path().join("results"));
    let bytes = |at: &[usize]| plan.estimate(at, &results, 1, true).bytes;
    let at = |wanted: &str| plan.runs.iter().position(|run| run.name.starts_with(wanted)).unwrap();
    let [size, plain] = [gleaner_sample::encoder().weights.len(), "model.safetensors".len()];
    let [size, plain] = [size as u64, plain as u64];
    // A model, and a checkpoint of four times its size.
    assert_eq!(bytes(&[at("baseline/")]), 5 * size);
    assert_eq!(bytes(&[at(own[0])]), 5 * plain);
    assert_eq!(bytes(&[at("recipe/plain/"), at("baseline/")]), plain + 5 * size);
    assert_eq!(bytes(&[]), 0);
    // What it contains decides, not where it is.
    std::fs::write(other.join("model.safetensors"), "other weights").unwrap();
    let again = with("encoder = \"other\"");
    assert_ne!(run(&plan, own[0]).id, run(&again, own[0]).id);
}
