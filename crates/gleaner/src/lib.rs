//! Taggers for named entities: training, evaluation and labelling.
