//! The parts of the report that say what is real: comparisons, recipes, and what more sentences bring.

use maud::{Markup, html as markup};

use super::{figures, table};
use crate::study::number::{capitalised, counted};
use crate::study::{StudyData, Subset, comparisons, growth, plot, recipes};

pub(super) fn comparisons(data: &StudyData) -> Markup {
    markup! {
        (table("Means over languages: entity F1 of experiments and of the baselines that they are set \
            against, their gain in the mean with its interval, and on how many languages the gain is real.", &comparisons::by_experiment(data)))
        p.help { (comparisons::METHOD) }
        (figures(plot::comparisons(data)))
        @for subset in Subset::ALL {
            @let grid = comparisons::by_language(data, subset);
            details open[subset == Subset::All] {
                summary {
                    (capitalised(subset.name())) ", by language and experiment ("
                    (counted(grid.rows.len(), "line")) ")"
                }
                (table(caption(subset), &grid))
            }
        }
    }
}

fn caption(subset: Subset) -> &'static str {
    match subset {
        Subset::All => "All entities of all test sentences.",
        Subset::LeakFree => {
            "Without the test sentences whose words also stand in a training text of either side, or in its pool."
        }
        Subset::Unseen => {
            "Entities whose words are an entity of neither side's training text: gold ones count for the recall, \
             predicted ones for the precision."
        }
    }
}

pub(super) fn recipes(data: &StudyData) -> Markup {
    table(
        "Taggers trained by recipes: entity F1 on test, mean ± standard deviation over runs, and its gain over \
         the baseline. Training sentences are those of the last stage.",
        &recipes::grid(data),
    )
}

pub(super) fn growth(data: &StudyData) -> Markup {
    markup! {
        ul.notes { @for row in &data.growth { li dir="auto" { (row.answer()) } } }
        p.help { (growth::METHOD) }
        (figures(plot::growth(data)))
        (table("Entity F1 on test by number of training sentences, mean ± standard deviation over seeds, and \
            what the fitted law says.", &growth::grid(data)))
    }
}
