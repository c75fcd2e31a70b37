use super::*;
use crate::model::{Format, LinkKind};

fn document(title: &str, html: &str) -> ParsedDocument {
    ParsedDocument {
        format: Format::A,
        encoding: "utf-8".to_owned(),
        title: title.to_owned(),
        url: Some("https://www.news.example/a/1".to_owned()),
        published_at: None,
        author: None,
        tags: Vec::new(),
        html: html.to_owned(),
    }
}
