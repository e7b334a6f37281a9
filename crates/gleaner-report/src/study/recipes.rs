//! Recipes: named combinations of source languages and unlabelled pools.

use super::number::{DASH, fixed, signed};
use super::overview::{Grid, mean_and_deviation, range};
use super::spread::mean;
use super::{RunScores, StudyData, distinct};
use serde::{Deserialize, Serialize};

/// A run of a recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RecipeRow {
    /// The recipe's name; of a model that learns from the recipe's ensemble, with ` distilled` after it.
    pub recipe: String,
    /// The source languages of its own stages, joined by `+`; empty for none.
    pub sources: String,
    /// The target language's short code.
    pub target: String,
    /// Seed of the experiment.
    pub seed: u64,
    /// The test fold, in a cross-validation.
    pub fold: Option<usize>,
    /// Number of training sentences of its last stage.
    pub train_sentences: usize,
    /// Its scores.
    pub scores: RunScores,
    /// Improvement of the published test score over the baseline's, in per cent of the baseline's.
    pub improvement: f64,
    /// Gain of entity F1 on test over the baseline's, in points.
    pub entity_gain: f64,
    /// Number of pseudo-labelled sentences added, over all epochs; `None` for a model whose pool teachers labelled.
    pub added_sentences: Option<usize>,
    /// Precision of the added entities, from 0 to 1, where gold is known.
    pub precision: Option<f64>,
    /// Recall of the added sentences' gold entities, from 0 to 1, where gold is known.
    pub recall: Option<f64>,
}

/// The table of recipes by language, means over runs.
pub(crate) fn grid(data: &StudyData) -> Grid {
    let headings = [
        "recipe",
        "language",
        "sources",
        "runs",
        "training sentences",
        "entity F1",
        "entity gain, points",
        "pseudo-labelled sentences added",
    ];
    let mut grid = Grid::new(3, &headings);
    for key in distinct(data.recipes.iter().map(|row| (&row.recipe, &row.target))) {
        let rows: Vec<&RecipeRow> =
            data.recipes.iter().filter(|row| (&row.recipe, &row.target) == key).collect();
        let entity: Vec<f64> = rows.iter().map(|row| row.scores.test_entity).collect();
        let sources = &rows[0].sources;
        grid.rows.push(vec![
            key.0.clone(),
            key.1.clone(),
            if sources.is_empty() { DASH.to_owned() } else { sources.clone() },
            rows.len().to_string(),
            range(rows.iter().map(|row| row.train_sentences)),
            mean_and_deviation(&entity),
            signed(mean(rows.iter().map(|row| row.entity_gain)), 2),
            match rows.iter().map(|row| row.added_sentences).collect::<Option<Vec<usize>>>() {
                Some(added) => fixed(mean(added.into_iter().map(|n| n as f64)), 1),
                None => DASH.to_owned(),
            },
        ]);
    }
    grid
}
