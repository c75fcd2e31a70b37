//! Lists of articles, with a page for every five hundred, and the pages that link to them.

use super::article::address;
use super::{escaped, lang, month_folder, month_name, page, shown_title};
use crate::model::{MONTHS, Status, Timestamp};
use crate::store::{ArticleHead, Counted};
use crate::view::{counted, grouped};
use chrono::Datelike;
use std::fmt::Write;

/// Entries per page: more would be slow to open and hard to look through.
pub(super) const PAGE_LENGTH: u64 = 500;

/// The headings that group the articles of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grouping {
    Days,
    Months,
}

/// A list of articles that is being written page by page.
pub(super) struct ListPages {
    pub title: String,
    pub total: u64,
    /// Of each page, relative to the folder.
    pub addresses: Vec<String>,
    pub grouping: Grouping,
    /// The lists before and after it, as name and address relative to the folder.
    pub earlier: Option<(String, String)>,
    pub later: Option<(String, String)>,
    written: usize,
    entries: String,
    in_page: u64,
    group: Option<String>,
}

impl ListPages {
    pub fn new(title: String, total: u64, addresses: Vec<String>, grouping: Grouping) -> Self {
        Self {
            title,
            total,
            addresses,
            grouping,
            earlier: None,
            later: None,
            written: 0,
            entries: String::new(),
            in_page: 0,
            group: None,
        }
    }

    /// Adds an article; returns the address and the text of the page when it is full.
    pub fn add(&mut self, head: &ArticleHead, archive: &str) -> Option<(String, String)> {
        let full = (self.in_page == PAGE_LENGTH).then(|| self.take_page(archive)).flatten();
        let group = self.group_of(head);
        if self.group.as_ref() != Some(&group) {
            if self.group.is_some() {
                self.entries.push_str("</ul>\n");
            }
            if !group.is_empty() {
                let _ = writeln!(self.entries, "<h2>{}</h2>", escaped(&group));
            }
            self.entries.push_str("<ul class=\"articles\">\n");
            self.group = Some(group);
        }
        let is_by_day = self.grouping == Grouping::Days;
        self.entries.push_str(&entry(head, "../", !is_by_day, is_by_day));
        self.in_page += 1;
        full
    }

    /// The current page, full or not.
    pub fn take_page(&mut self, archive: &str) -> Option<(String, String)> {
        let address = self.addresses.get(self.written)?.clone();
        let entries = std::mem::take(&mut self.entries);
        let pages = self.addresses.len();
        let number = match pages {
            1 => String::new(),
            _ => format!(", page {} of {pages}", self.written + 1),
        };
        let total = counted(self.total, "article");
        let main = format!(
            "<h1>{}</h1>\n<p class=\"facts\">{total}{number}</p>\n{entries}</ul>\n{}",
            escaped(&self.title),
            self.page_links(),
        );
        let title = format!("{}{number} – {archive}", self.title);
        self.written += 1;
        self.in_page = 0;
        self.group = None;
        Some((address, page(&title, "../", &[(archive, "../index.html")], &main)))
    }

    fn group_of(&self, head: &ArticleHead) -> String {
        match (self.grouping, head.published_at) {
            (Grouping::Days, Some(time)) => day_name(time),
            (Grouping::Days, None) => String::new(),
            (Grouping::Months, _) => month_name(&head.month().unwrap_or_default()),
        }
    }

    /// Links to the neighbouring pages, and from the last one to the next list.
    fn page_links(&self) -> String {
        let own = |index: usize| self.addresses.get(index).cloned();
        let last = self.addresses.len() - 1;
        let mut links = Vec::new();
        if self.written > 0 {
            links.push(("first", "First page".to_owned(), own(0)));
            links.push(("prev", "Previous page".to_owned(), own(self.written - 1)));
        }
        if self.written < last {
            links.push(("next", "Next page".to_owned(), own(self.written + 1)));
            links.push(("last", "Last page".to_owned(), own(last)));
        }
        for (label, list) in [("Earlier", &self.earlier), ("Later", &self.later)] {
            if let Some((name, address)) = list {
                links.push(("related", format!("{label}: {name}"), Some(address.clone())));
            }
        }
        let link = |(rel, label, address): (&str, String, Option<String>)| {
            let address = address.map(|address| escaped(&address))?;
            Some(format!("<a rel=\"{rel}\" href=\"../{address}\">{}</a>\n", escaped(&label)))
        };
        let links: String = links.into_iter().filter_map(link).collect();
        if links.is_empty() {
            links
        } else {
            format!("<nav class=\"pages\" aria-label=\"Pages\">\n{links}</nav>\n")
        }
    }
}

/// An entry of a list. `root` leads from the list's page to the folder.
fn entry(head: &ArticleHead, root: &str, has_day: bool, has_site: bool) -> String {
    let title = escaped(shown_title(&head.title));
    let address = escaped(&address(head.id, head.published_at));
    let lang = lang(head.language, head.script);
    let mut facts = Vec::new();
    let day = head.published_at.filter(|_| has_day);
    facts.extend(day.map(|time| time.day().to_string()));
    facts.extend(head.site.as_deref().filter(|_| has_site).map(escaped));
    if head.revision_count > 1 {
        facts.push(counted(head.revision_count, "revision"));
    }
    if head.status != Status::Ok {
        facts.push(head.status.to_string());
    }
    let facts = facts.join(" <b>·</b> ");
    format!("<li><a href=\"{root}{address}\"{lang}>{title}</a> <small>{facts}</small></li>\n")
}

/// `5 March 2024`.
fn day_name(time: Timestamp) -> String {
    format!("{} {}", time.day().day(), month_name(&time.month()))
}

/// The front page.
pub(super) struct Front<'a> {
    pub title: &'a str,
    /// A description of the filter; empty for a complete archive.
    pub filter: String,
    /// Newest first.
    pub months: &'a [Counted],
    /// Each with the address of its list.
    pub sites: &'a [(Counted, String)],
    /// The address of the complete list of sites, if not all are on this page.
    pub all_sites: Option<String>,
    pub newest: &'a [ArticleHead],
}

impl Front<'_> {
    pub fn page(&self) -> String {
        let articles: u64 = self.months.iter().map(|month| month.count).sum();
        let mut main = format!("<h1>{}</h1>\n<p class=\"facts\">", escaped(self.title));
        let _ = write!(main, "{}", counted(articles, "article"));
        if articles > 0 {
            let sites = self.sites.iter().filter(|(site, _)| site.name.is_some()).count() as u64;
            let _ = write!(main, " from {}", counted(sites, "site"));
        }
        let mut dated = self.months.iter().filter_map(|month| month.name.as_deref());
        if let Some(newest) = dated.next() {
            let oldest = dated.next_back().unwrap_or(newest);
            let _ = if oldest == newest {
                write!(main, ", {}", month_name(newest))
            } else {
                write!(main, ", {} to {}", month_name(oldest), month_name(newest))
            };
        }
        main.push_str("</p>\n");
        if !self.filter.is_empty() {
            let _ = writeln!(main, "<p class=\"facts\">{}</p>", escaped(&self.filter));
        }
        if articles > 0 {
            main.push_str(&self.newest());
            main.push_str(&self.months());
            main.push_str(&self.sites());
        }
        page(self.title, "", &[], &main)
    }

    fn newest(&self) -> String {
        let entries: String = self.newest.iter().map(|head| entry(head, "", true, true)).collect();
        format!(
            "<section aria-labelledby=\"newest\">\n<h2 id=\"newest\">Newest</h2>\n\
             <ul class=\"articles\">\n{entries}</ul>\n</section>\n"
        )
    }

    /// A row for each year, as in a calendar.
    fn months(&self) -> String {
        let mut out = String::from(
            "<section aria-labelledby=\"months\">\n<h2 id=\"months\">By month</h2>\n\
             <div class=\"calendar\"><table>\n<thead><tr><td></td>",
        );
        for name in MONTHS {
            let short = &name[..3];
            let _ = write!(out, "<th scope=\"col\"><abbr title=\"{name}\">{short}</abbr></th>");
        }
        out.push_str("</tr></thead>\n<tbody>\n");
        let years = self.months.chunk_by(|one, other| year(one) == year(other));
        for months in years {
            if let Some(year) = months.first().and_then(year) {
                out.push_str(&calendar_row(year, months));
            }
        }
        out.push_str("</tbody>\n</table></div>\n");
        if let Some(undated) = self.months.iter().find(|month| month.name.is_none()) {
            let number = counted(undated.count, "undated article");
            let _ = writeln!(out, "<p><a href=\"undated/index.html\">{number}</a></p>");
        }
        out.push_str("</section>\n");
        out
    }

    fn sites(&self) -> String {
        let shown = match &self.all_sites {
            Some(_) => &self.sites[..self.sites.len().min(SITES_IN_FRONT)],
            None => self.sites,
        };
        let mut out =
            String::from("<section aria-labelledby=\"sites\">\n<h2 id=\"sites\">By site</h2>\n");
        out.push_str(&site_list(shown, ""));
        if let Some(address) = &self.all_sites {
            let number = counted(self.sites.len() as u64, "site");
            let _ = writeln!(out, "<p><a href=\"{}\">All {number}</a></p>", escaped(address));
        }
        out.push_str("</section>\n");
        out
    }
}

/// Beyond this number, sites are listed on pages of their own.
pub(super) const SITES_IN_FRONT: usize = 60;

fn calendar_row(year: &str, months: &[Counted]) -> String {
    let mut row = format!("<tr><th scope=\"row\">{}</th>", escaped(year));
    for number in 1..=MONTHS.len() {
        let name = format!("{year}-{number:02}");
        match months.iter().find(|month| month.name.as_deref() == Some(&name)) {
            Some(month) => {
                let says = format!("{}: {}", month_name(&name), counted(month.count, "article"));
                let _ = write!(
                    row,
                    "<td><a href=\"{}/index.html\" title=\"{says}\" aria-label=\"{says}\">{}</a></td>",
                    month_folder(Some(&name)),
                    grouped(month.count),
                    says = escaped(&says),
                );
            }
            None => row.push_str("<td></td>"),
        }
    }
    row.push_str("</tr>\n");
    row
}

fn year(month: &Counted) -> Option<&str> {
    month.name.as_deref().and_then(|name| name.get(..4))
}

fn site_list(sites: &[(Counted, String)], root: &str) -> String {
    let mut out = String::from("<ul class=\"sites\">\n");
    for (site, address) in sites {
        let name = escaped(site.name.as_deref().unwrap_or("no site"));
        let (address, number) = (escaped(address), grouped(site.count));
        let _ = writeln!(
            out,
            "<li><a href=\"{root}{address}\">{name}</a> <small>{number}</small></li>"
        );
    }
    out.push_str("</ul>\n");
    out
}

/// A page of the list of all sites; `beside` has links to the pages before and after it.
pub(super) fn sites_page(
    sites: &[(Counted, String)],
    archive: &str,
    number: &str,
    beside: &[(&str, String)],
) -> String {
    let mut main = format!("<h1>Sites{number}</h1>\n{}", site_list(sites, "../"));
    if !beside.is_empty() {
        main.push_str("<nav class=\"pages\" aria-label=\"Pages\">\n");
        for (label, address) in beside {
            let _ = writeln!(main, "<a href=\"../{}\">{label}</a>", escaped(address));
        }
        main.push_str("</nav>\n");
    }
    page(&format!("Sites{number} – {archive}"), "../", &[(archive, "../index.html")], &main)
}
