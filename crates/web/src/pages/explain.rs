//! Explain: why something is, or is not, on an issue.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use sync::explain::{BadQuestion, ExplainError, Fact, Mark, Sentence, Story};

use crate::frame::{Frame, PageResult, ReaderPage, draw, draw_with_status};
use crate::sentences::{self, Sentence as Words};
use crate::state::AppState;
use crate::view::sentence::SentenceView;

#[derive(Template)]
#[template(path = "explain.html")]
struct ExplainPage {
    frame: Frame,
    /// What stands in the box.
    asked: String,
    story: Option<Story>,
    error: Option<Words>,
}

impl ExplainPage {
    const fn words<'a>(&'a self, sentence: &'a Sentence) -> SentenceView<'a> {
        SentenceView::new(sentence, &self.frame)
    }

    /// The sign before a fact, and what it is called where signs are not seen.
    const fn sign(&self, fact: &Fact) -> (&'static str, &'static str) {
        match fact.mark {
            Mark::Good => ("✓", "Good"),
            Mark::Bad => ("✗", "Hindrance"),
            Mark::Note => ("·", "Note"),
        }
    }
}

#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

/// The story of what was asked, or where to ask.
pub async fn show(State(state): State<AppState>, page: ReaderPage, Query(asked): Query<Asked>) -> PageResult {
    let viewer = page.viewer();
    let frame = page.frame;
    let blank = |frame, error| ExplainPage { frame, asked: String::new(), story: None, error };
    match sync::explain::explain(state.engine(), viewer, &asked.q).await {
        Ok(story) => draw(&ExplainPage { frame, asked: story.asked.clone(), story: Some(story), error: None }),
        Err(ExplainError::Question(BadQuestion::Empty)) => draw(&blank(frame, None)),
        Err(ExplainError::Question(BadQuestion::TooLong)) => {
            draw_with_status(StatusCode::BAD_REQUEST, &blank(frame, Some(sentences::question_too_long())))
        }
        Err(ExplainError::Sync(error)) => Err(error.into()),
    }
}
