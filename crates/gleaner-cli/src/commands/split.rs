//! `gleaner data split`

use super::convert::format_of;
use crate::{
    cli::{Shares, SplitArgs},
    corpus_files::{Prepared, Target, report},
    hub::Fetcher,
    output::Output,
    reading,
};
use anyhow::Result;
use gleaner::{GleanerError, Role, is_sample, read_parts};
use gleaner_corpus::{
    Corpus, ReadOptions, is_annotated,
    overlap::sentence_key,
    read,
    splits::{SplitError, train_test_split},
};
use std::{collections::HashSet, path::PathBuf};

pub fn run(args: &SplitArgs, output: &Output) -> Result<()> {
    let common = reading::options(&args.source.read)?;
    let options = ReadOptions { skip_bad: args.source.skip_bad, ..common.read_options() };
    let input = Fetcher::new(output).data_folder(&args.source.input)?;
    let all = match is_sample(&input) || input.is_dir() && !is_annotated(&input) {
        true => read_parts(&input, &options)?,
        false => vec![(Role::Whole, read(&input, &options)?)],
    };
    let joined = all.into_iter().map(|(_, corpus)| corpus).reduce(|mut all, corpus| {
        all.append(corpus);
        all
    });
    let Some(corpus) = joined else { return Ok(()) };
    let n = corpus.sentences.len();
    let cannot = |e: SplitError| GleanerError::Settings(format!("{}: {e}", input.display()));
    let divided = divide(n, args.how, args.seed).map_err(cannot)?;
    let format = args.write.to.unwrap_or_else(|| format_of(&corpus));
    let target = Target::new(format, &args.write, common.offsets)?;
    let wanted: Vec<(Role, &Vec<usize>, PathBuf)> = [Role::Train, Role::Dev, Role::Test]
        .into_iter()
        .zip(&divided)
        .filter(|(_, positions)| !positions.is_empty())
        .map(|(role, positions)| (role, positions, target.part(&args.out, &role.to_string())))
        .collect();
    let paths: Vec<PathBuf> = wanted.iter().map(|(_, _, path)| path.clone()).collect();
    target.claim_folder(&args.out, &paths)?;
    let parts =
        wanted.iter().map(|(_, positions, path)| target.prepare(&chosen(&corpus, positions), path));
    let prepared: Vec<Prepared> = parts.collect::<Result<_>>()?;
    report(Role::Whole, &corpus, output)?;
    Prepared::write(&prepared, output)?;
    let leaks = leaks(&corpus, &divided);
    if leaks > 0 {
        output.note(&format!(
            "note: {leaks} sentences of train also occur in dev or test; `gleaner train` drops them"
        ));
    }
    Ok(())
}

/// The positions of train, dev and test among `n` sentences.
fn divide(n: usize, shares: Shares, seed: u32) -> Result<[Vec<usize>; 3], SplitError> {
    let Shares { dev, test } = shares;
    let held = f64::from(dev + test);
    let (train, held_out) = train_test_split(n, held / 100.0, seed)?;
    if dev == 0 || test == 0 {
        let (dev, test) = if dev == 0 { (Vec::new(), held_out) } else { (held_out, Vec::new()) };
        return Ok([train, dev, test]);
    }
    let (dev, test) = train_test_split(held_out.len(), f64::from(test) / held, seed)
        .map_err(|_| SplitError::TooFew { n })?;
    let of_all = |part: Vec<usize>| part.into_iter().map(|position| held_out[position]).collect();
    Ok([train, of_all(dev), of_all(test)])
}

fn chosen(corpus: &Corpus, positions: &[usize]) -> Corpus {
    let sentences = positions.iter().map(|&at| corpus.sentences[at].clone()).collect();
    Corpus { sentences, files: Vec::new(), findings: Vec::new(), ..corpus.clone() }
}

/// The number of training sentences that also occur in dev or test.
fn leaks(corpus: &Corpus, [train, dev, test]: &[Vec<usize>; 3]) -> usize {
    let key = |&at: &usize| sentence_key(&corpus.sentences[at].words);
    let held: HashSet<String> = dev.iter().chain(test).map(key).collect();
    train.iter().map(key).filter(|sentence| held.contains(sentence)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gleaner_corpus::splits::split_80_10_10;

    #[test]
    fn the_usual_split_is_that_of_a_training() {
        let split = split_80_10_10(103, 7).unwrap();
        let ours = divide(103, Shares { dev: 10, test: 10 }, 7).unwrap();
        assert_eq!(ours, [split.train, split.dev, split.test]);
    }

    #[test]
    fn shares_are_of_all_sentences_and_each_is_in_one_part() {
        for (shares, sizes) in [
            (Shares { dev: 15, test: 15 }, [70, 15, 15]),
            (Shares { dev: 0, test: 10 }, [90, 0, 10]),
            (Shares { dev: 25, test: 0 }, [75, 25, 0]),
        ] {
            let parts = divide(100, shares, 1).unwrap();
            assert_eq!(parts.each_ref().map(Vec::len), sizes);
            let mut all = parts.concat();
            all.sort_unstable();
            assert_eq!(all, (0..100).collect::<Vec<_>>());
        }
        assert!(divide(1, Shares { dev: 10, test: 10 }, 1).is_err());
    }
}
