//! The ranking of candidates.

use super::*;
use crate::testing::{PIECES, with_a_missing_teacher};

fn settings(data: &str) -> Settings {
    Settings::builder().data(data).build().unwrap()
}

fn candidate(name: &str) -> Candidate {
    Candidate { name: name.to_owned(), data: Dataset::load(&settings(name)).unwrap() }
}

fn untrained(names: &[&str]) -> Vec<Ranked> {
    let candidates: Vec<Candidate> = names.iter().map(|name| candidate(name)).collect();
    let settings = settings("sample:af");
    let encoder = EncoderFiles::open("sample:tiny".as_ref()).unwrap();
    let neighbours = Some((&encoder, 25));
    let how = Ranking { settings: &settings, rows: None, tokenizer: Some(&PIECES), neighbours };
    rank(&candidate("sample:af").data, &candidates, &how, &mut |_, _| {}).unwrap()
}

#[test]
fn a_text_is_most_like_itself() {
    let ranked = untrained(&["sample:nl", "sample:af"]);
    let names: Vec<&str> = ranked.iter().map(|r| r.source.as_str()).collect();
    assert_eq!(names, ["sample:af", "sample:nl"]);
    let (own, other) = (&ranked[0].measures, &ranked[1].measures);
    for one in [own.word_tokens, own.word_types, own.script, own.mentions] {
        assert_eq!(one, 1.0);
    }
    assert_eq!((own.piece_tokens, own.piece_types, own.tag_distance), (Some(1.0), Some(1.0), 0.0));
    assert_eq!((own.sentences, other.sentences, other.script), (240, 1500, 1.0));
    assert!(other.word_types < 0.5 && other.word_types > 0.05, "{other:?}");
    assert!(other.word_tokens > other.word_types && other.tag_distance > 0.0, "{other:?}");
    assert!(other.piece_tokens > Some(other.word_tokens), "{other:?}");
    // Every piece of the target is nearest to itself and mostly to others of its language.
    let (near, far) = (ranked[0].neighbours.unwrap(), ranked[1].neighbours.unwrap());
    assert!((near + far - 1.0).abs() < 1e-12 && near > 0.6, "{near} {far}");
    // Best by five of six measures and equal by script: (4 + 2 + 1.5) / 6 where nl has more entities.
    assert_eq!((ranked[0].rank, ranked[1].rank), (1, 2));
    assert!((ranked[0].mean_rank - 7.5 / 6.0).abs() < 1e-12, "{}", ranked[0].mean_rank);
    assert!((ranked[1].mean_rank - 10.5 / 6.0).abs() < 1e-12, "{}", ranked[1].mean_rank);
}

#[test]
fn a_candidate_is_trained_without_the_teachers_of_the_settings() {
    let settings = with_a_missing_teacher();
    let [target, source] = ["sample:af", "sample:nl"].map(|name| candidate(name).data);
    let found = zero_shot(&settings, 20, &target, &source, &mut |_| ()).unwrap();
    assert_eq!(found.sentences, 20);
}

#[test]
fn a_score_goes_before_the_measures() {
    let mut ranked = untrained(&["sample:af", "sample:nl"]);
    for (candidate, f1) in ranked.iter_mut().zip([0.2, 0.4]) {
        candidate.zero_shot = Some(ZeroShot { sentences: 240, f1, interval: None });
    }
    put_in_order(&mut ranked);
    assert_eq!((ranked[0].source.as_str(), ranked[0].rank), ("sample:nl", 1));
}

#[test]
fn gains_are_read_and_correlated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gains.csv");
    let read = |text: &str| {
        std::fs::write(&path, text).unwrap();
        Gains::read(&path, &["sample:af", "sample:nl"])
    };
    let gains = read("gain,source,n\n-0.5, sample:nl,1\n1e-1,sample:af,2\n").unwrap();
    assert_eq!(gains.0, [("sample:nl".to_owned(), -0.5), ("sample:af".to_owned(), 0.1)]);
    let found = correlations(&untrained(&["sample:nl", "sample:af"]), &gains);
    let of = |name: &str| found.iter().find(|c| c.measure == name).cloned();
    assert_eq!(of("zero-shot"), None);
    let both = |x| Correlation { measure: "tag-distance", n: 2, rho: x, tau: x };
    assert_eq!(of("tag-distance"), Some(both(Some(1.0))));
    assert_eq!(of("script"), Some(Correlation { measure: "script", ..both(None) }));
    assert_eq!(of("entities"), Some(Correlation { measure: "entities", ..both(Some(-1.0)) }));
    for (text, says) in [
        ("", ":1: no column `source`; begin"),
        ("source\nda\n", ":1: no column `gain`; begin"),
        ("source,gain\nsample:nl,much\n", ":2: not a source and a number; write"),
        (
            "source,gain\nsample:nl,1\nda,0.1\n",
            ":3: `da` is not a candidate; name one of sample:af, ",
        ),
        ("source,gain\nsample:nl,1\nsample:nl,2\n", ":3: `sample:nl` occurs twice; keep one"),
        ("source,gain\nsample:nl,nan\n", ":2: the gain is not a finite number; write"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(says) && !error.contains('\n'), "{error}");
    }
}
