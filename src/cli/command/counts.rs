//! Counts of articles by time or by site, of one query or of several.

use seedbank::ArticleFilter;
use seedbank::internals::store::{Grouping, Share, ShareGroup};

/// The counts of one query, or of one site.
pub struct Counted {
    /// The words, or the site; empty of all articles.
    pub name: String,
    /// The words alone.
    pub query: Option<String>,
    /// What is counted.
    pub filter: ArticleFilter,
}

impl Counted {
    /// Whether only a share of the articles is meant.
    pub fn has_words(&self) -> bool {
        self.filter.query.is_some()
    }
}

/// What is shown of several queries or of one.
pub struct Shares {
    pub grouping: Grouping,
    pub series: Vec<Counted>,
    pub groups: Vec<ShareGroup>,
}

impl Shares {
    /// The name of a group as it is shown.
    pub fn shown_name<'a>(&self, group: &'a ShareGroup) -> &'a str {
        let nameless = if self.grouping == Grouping::Site { "no address" } else { "undated" };
        group.name.as_deref().unwrap_or(nameless)
    }

    /// What a query or a site has in all groups together.
    pub fn total(&self, series: usize) -> Share {
        let shares = self.groups.iter().map(|group| group.shares[series]);
        shares.fold(Share::default(), |sum, one| Share {
            articles: sum.articles + one.articles,
            of: sum.of + one.of,
        })
    }
}

/// `12.3 %`.
pub fn percent(share: Share) -> String {
    share.share().map_or_else(|| "-".into(), |share| format!("{:.1} %", share * 100.0))
}
