//! `gleaner export`: writes a tagger in the form of another program.

use crate::{
    cli::{ExportArgs, Form},
    hub::Fetcher,
    output::Output,
};
use anyhow::Result;
use gleaner::export;
use serde_json::json;

pub fn run(args: &ExportArgs, output: &Output) -> Result<()> {
    let model = Fetcher::new(output).model_folder(&args.model)?;
    let files = match args.to {
        Form::Transformers => export::transformers(&model, &args.out)?,
        Form::Onnx => export::onnx(&model, &args.out)?,
    };
    output.human(&format!("wrote {}: {}", args.out.display(), files.join(", ")))?;
    output.event("exported", &json!({"folder": args.out, "files": files}))
}
