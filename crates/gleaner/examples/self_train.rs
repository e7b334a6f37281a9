//! Self-training: the tagger labels a pool of unlabelled sentences and learns from its confident predictions.

use gleaner::{Dataset, GleanerError, Settings, train};

fn main() -> Result<(), GleanerError> {
    let settings =
        Settings::builder().data("sample:af").encoder("sample:tiny").pool(["sample:af"]).build()?;
    let data = Dataset::load(&settings)?;
    let trained = train::fit(&settings, data, None, &mut |event: &train::Event| {
        if let train::Event::Labelled { epoch, round, .. } = event {
            println!("after epoch {epoch}: {} of {} sentences added", round.added, round.pool);
        }
    })?;
    if let Some(test) = &trained.provenance.test {
        println!("F1 on test: {:.3}", test.entities.micro.f1);
    }
    Ok(())
}
