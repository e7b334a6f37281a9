//! `gleaner encoder trim`.

use crate::common::{Sandbox, objects, training};
use insta::assert_snapshot;

#[test]
fn a_training_on_the_trimmed_encoder_is_the_same() {
    let sandbox = Sandbox::with_data();
    let texts = "--text data/train.conll data/dev.conll data/test.conll --keep 10";
    let (out, err) = sandbox.run(&format!("encoder trim sample:tiny {texts} --out small"));
    assert_eq!(err, "");
    assert!(
        out.contains(" of 1500 pieces are kept: ") && out.contains(", 10 frequent ones, "),
        "{out}"
    );
    assert_eq!(
        sandbox.files("small"),
        ["README.md", "config.json", "model.safetensors", "tokenizer.json", "trimmed.json"]
    );
    let predicted = ["sample:tiny", "small"].map(|encoder| {
        let out = format!("{}-tagger", encoder.replace(':', "-"));
        sandbox.run(&training(&out, &format!("--data data --encoder {encoder} --epochs 3")));
        // Confidences to the last digit.
        sandbox.run(&format!("predict {out} data/test.conll --format jsonl")).0
    });
    assert_eq!(predicted[0], predicted[1]);
    let size = |model: &str| sandbox.read(&format!("{model}/model.safetensors")).len();
    assert!(size("small-tagger") < size("sample-tiny-tagger"));
    // It can be trimmed again.
    let (out, _) = sandbox.run(&format!("encoder trim small {texts} --out smaller --output json"));
    let event = objects(&out).remove(0);
    assert_eq!(
        (&event["event"], &event["texts"][0]["name"]),
        (&"trimmed".into(), &"train.conll".into())
    );
}

#[test]
fn what_cannot_be_trimmed_is_a_one_line_error() {
    let sandbox = Sandbox::with_data().with_encoder();
    sandbox.write("empty.txt", "\n");
    let trim = |args: &str| format!("encoder trim {args} --out small");
    assert_snapshot!(sandbox.fails(&trim("encoder --text empty.txt"), 2), @"the texts have no words; add text");
    assert_snapshot!(sandbox.fails(&trim("encoder --text none.txt"), 1), @"none.txt: no such file or folder; check the path");
    assert_snapshot!(sandbox.fails(&trim("data --text data/train.conll"), 4), @"data: no config.json in it; name a folder with config.json, tokenizer.json and model.safetensors");
    sandbox.write("encoder/tokenizer.json", r#"{"model": {"type": "WordLevel", "vocab": {}}}"#);
    assert_snapshot!(sandbox.fails(&trim("encoder --text data/train.conll"), 4), @"encoder/tokenizer.json: a tokenizer of the kind WordLevel cannot be trimmed; use the tokenizer.json of a BERT-family encoder");
    assert!(!sandbox.path("small").exists());
    sandbox.write("small/mine", "");
    assert_snapshot!(sandbox.fails(&trim("sample:tiny --text data/train.conll"), 2), @"small: the folder is not empty; choose another folder, or empty this one");
}
