//! Writes all pages of an archive. Articles are read one at a time; only the two neighbours of the current
//! one are kept.

use super::super::FileNames;
use super::super::folder::{ExportFolder, Kind};
use super::super::page_names::{FRONT, STYLE_NAME};
use super::article::{Neighbour, address, article_page};
use super::lists::{Front, Grouping, ListPages, PAGE_LENGTH, SITES_IN_FRONT, sites_page};
use super::{STYLE, month_folder, month_name};
use crate::error::Result;
use crate::files::ArchiveFiles;
use crate::model::UtcOffset;
use crate::store::{
    ArticleFilter, ArticleHead, ArticleOrder, Bytes, Counted, Reader, Selection, WhichRun,
};
use crate::view::ArticleView;
use std::collections::HashMap;
use std::path::Path;

const NEWEST_IN_FRONT: u64 = 10;

/// Writes a page per article, lists by month and by site, and an `index.html` that links to them; returns the
/// number of files and their total size in bytes. See `ExportFolder::create` for a folder that is not
/// empty.
pub fn write_html(
    reader: &Reader,
    filter: &ArticleFilter,
    title: &str,
    folder: &Path,
    force: bool,
) -> Result<(u64, u64)> {
    let own = ArchiveFiles::of(reader.path());
    let mut folder = ExportFolder::create(folder, force, Kind::Html, own)?;
    folder.write_page(STYLE_NAME, STYLE)?;
    reader.on_one_state(|reader| {
        let mut site = Site {
            reader,
            filter,
            title,
            months: reader.articles_by_month(filter)?,
            sites: Vec::new(),
            lists_of_sites: HashMap::new(),
            newest: Vec::new(),
            folder: &mut folder,
        };
        site.name_sites(reader.articles_by_site(filter)?);
        site.write_articles()?;
        site.write_months()?;
        site.write_sites()?;
        site.read_newest()?;
        site.write_front()
    })?;
    folder.finish()
}

struct Site<'a> {
    reader: &'a Reader,
    filter: &'a ArticleFilter,
    title: &'a str,
    /// Newest first.
    months: Vec<Counted>,
    /// Most articles first, with the address of the first page of each list.
    sites: Vec<(Counted, String)>,
    /// The addresses of all pages, by host.
    lists_of_sites: HashMap<Option<String>, Vec<String>>,
    newest: Vec<ArticleHead>,
    folder: &'a mut ExportFolder,
}

impl Site<'_> {
    /// Names the pages of each site before they are written, since others link to them.
    fn name_sites(&mut self, sites: Vec<Counted>) {
        let mut names = FileNames::with_taken([FRONT]);
        let mut address = |name: String| format!("sites/{}", names.take(&name));
        for site in sites {
            let host = site.name.as_deref().unwrap_or("no-site");
            let addresses: Vec<String> = (1..=pages(site.count))
                .map(|number| match number {
                    1 => address(format!("{host}.html")),
                    _ => address(format!("{host}-{number}.html")),
                })
                .collect();
            let first = addresses.first().cloned().unwrap_or_default();
            self.lists_of_sites.insert(site.name.clone(), addresses);
            self.sites.push((site, first));
        }
    }

    fn selection(&self, order: ArticleOrder) -> Selection {
        Selection { filter: self.filter.clone(), order, limit: None }
    }

    fn write_articles(&mut self) -> Result<()> {
        let selection = self.selection(ArticleOrder::OldestFirst);
        let mut earlier: Option<Neighbour> = None;
        let mut waiting: Option<(String, ArticleView)> = None;
        let reader = self.reader;
        reader.article_records(&selection, Bytes::LeftOut, &mut |record| {
            let article = record.article;
            // Every stored article has an id.
            let address = address(article.id.unwrap_or_default(), article.published_at);
            let later = Neighbour::of(&article, address.clone());
            if let Some((address, before)) = waiting.replace((address, article)) {
                self.write_article(&address, &before, earlier.as_ref(), Some(&later))?;
                earlier = Some(Neighbour::of(&before, address));
            }
            Ok(())
        })?;
        match waiting {
            Some((address, last)) => self.write_article(&address, &last, earlier.as_ref(), None),
            None => Ok(()),
        }
    }

    fn write_article(
        &mut self,
        address: &str,
        article: &ArticleView,
        earlier: Option<&Neighbour>,
        later: Option<&Neighbour>,
    ) -> Result<()> {
        let list = self.lists_of_sites.get(&article.site).and_then(|pages| pages.first());
        let list = list.map_or(FRONT, String::as_str);
        let page = article_page(article, self.title, list, earlier, later);
        self.folder.write_page(address, &page)
    }

    fn write_months(&mut self) -> Result<()> {
        let first = |month: &Counted| month_pages(month).swap_remove(0);
        let mut lists = Vec::new();
        for (at, month) in self.months.iter().enumerate() {
            let beside = |month: &Counted| (list_name(month), first(month));
            let title = list_name(month);
            let mut list = ListPages::new(title, month.count, month_pages(month), Grouping::Days);
            list.earlier = self.months.get(at + 1).map(beside);
            list.later = at.checked_sub(1).and_then(|at| self.months.get(at)).map(beside);
            lists.push((month.name.clone(), list));
        }
        let month = |head: &ArticleHead| head.month();
        self.write_lists(ArticleOrder::NewestFirst, lists, &month)
    }

    fn write_sites(&mut self) -> Result<()> {
        let mut lists = Vec::new();
        for (site, _) in &self.sites {
            let addresses = self.lists_of_sites.get(&site.name).cloned().unwrap_or_default();
            let title = site.name.clone().unwrap_or_else(|| "No site".to_owned());
            let list = ListPages::new(title, site.count, addresses, Grouping::Months);
            lists.push((site.name.clone(), list));
        }
        self.write_lists(ArticleOrder::BySite, lists, &|head| head.site.clone())?;
        if self.sites.len() > SITES_IN_FRONT {
            self.write_all_sites()?;
        }
        Ok(())
    }

    /// Writes lists of articles; articles of the same list must be consecutive.
    fn write_lists(
        &mut self,
        order: ArticleOrder,
        lists: Vec<(Option<String>, ListPages)>,
        list_of: &dyn Fn(&ArticleHead) -> Option<String>,
    ) -> Result<()> {
        let mut lists: HashMap<Option<String>, ListPages> = lists.into_iter().collect();
        let mut open: Option<(Option<String>, ListPages)> = None;
        let selection = self.selection(order);
        let (reader, title) = (self.reader, self.title);
        reader.article_heads(&selection, &mut |head| {
            let name = list_of(&head);
            if open.as_ref().is_none_or(|(current, _)| *current != name) {
                let next = lists.remove(&name).map(|list| (name, list));
                if let Some((_, mut whole)) = std::mem::replace(&mut open, next) {
                    self.write_page(whole.take_page(title))?;
                }
            }
            match &mut open {
                Some((_, list)) => {
                    let page = list.add(&head, title);
                    self.write_page(page)
                }
                None => Ok(()),
            }
        })?;
        match open {
            Some((_, mut last)) => self.write_page(last.take_page(title)),
            None => Ok(()),
        }
    }

    fn write_page(&mut self, page: Option<(String, String)>) -> Result<()> {
        match page {
            Some((address, text)) => self.folder.write_page(&address, &text),
            None => Ok(()),
        }
    }

    fn write_all_sites(&mut self) -> Result<()> {
        let count = pages(self.sites.len() as u64);
        for (index, sites) in self.sites.chunks(PAGE_LENGTH as usize).enumerate() {
            let number = index as u64 + 1;
            let mut beside = Vec::new();
            if number > 1 {
                beside.push(("Previous page", all_sites_address(number - 1)));
            }
            if number < count {
                beside.push(("Next page", all_sites_address(number + 1)));
            }
            let shown = match count {
                1 => String::new(),
                _ => format!(", page {number} of {count}"),
            };
            let page = sites_page(sites, self.title, &shown, &beside);
            self.folder.write_page(&all_sites_address(number), &page)?;
        }
        Ok(())
    }

    fn read_newest(&mut self) -> Result<()> {
        let limit = Some(NEWEST_IN_FRONT);
        let selection = Selection { limit, ..self.selection(ArticleOrder::NewestFirst) };
        let newest = &mut self.newest;
        self.reader.article_heads(&selection, &mut |head| {
            newest.push(head);
            Ok(())
        })
    }

    fn write_front(&mut self) -> Result<()> {
        let front = Front {
            title: self.title,
            filter: filter_in_words(self.filter),
            months: &self.months,
            sites: &self.sites,
            newest: &self.newest,
            all_sites: (self.sites.len() > SITES_IN_FRONT).then(|| all_sites_address(1)),
        };
        self.folder.write_page(FRONT, &front.page())
    }
}

fn pages(entries: u64) -> u64 {
    entries.div_ceil(PAGE_LENGTH).max(1)
}

/// In a folder of its own, since any name in `sites/` may be a host.
fn all_sites_address(number: u64) -> String {
    match number {
        1 => "all-sites/index.html".to_owned(),
        _ => format!("all-sites/index-{number}.html"),
    }
}

fn month_pages(month: &Counted) -> Vec<String> {
    let folder = month_folder(month.name.as_deref());
    (1..=pages(month.count))
        .map(|number| match number {
            1 => format!("{folder}/index.html"),
            _ => format!("{folder}/index-{number}.html"),
        })
        .collect()
}

fn list_name(month: &Counted) -> String {
    month_name(month.name.as_deref().unwrap_or_default())
}

/// Describes a filter; empty if it excludes nothing.
pub(in crate::export) fn filter_in_words(filter: &ArticleFilter) -> String {
    described(filter, "match")
}

/// The description from which the id of a feed is made. It never changes: with another id, the feed would
/// be a new one to its readers.
pub(in crate::export) fn filter_for_id(filter: &ArticleFilter) -> String {
    described(filter, "answer")
}

fn described(filter: &ArticleFilter, verb: &str) -> String {
    let mut words = Vec::new();
    let offset = filter.utc_offset;
    let zone = if offset == UtcOffset::default() { String::new() } else { format!(" ({offset})") };
    words.extend(filter.since.map(|day| format!("published {day}{zone} or later")));
    words.extend(filter.until.map(|day| format!("published {day}{zone} or earlier")));
    let languages: Vec<String> = filter.languages.iter().map(ToString::to_string).collect();
    for (word, names) in [
        ("from", &filter.sites),
        ("in", &languages),
        ("by", &filter.authors),
        ("tagged", &filter.tags),
    ] {
        if !names.is_empty() {
            words.push(format!("{word} {}", names.join(" or ")));
        }
    }
    words.extend(filter.run.map(|run| match run {
        WhichRun::Number(number) => format!("first seen in import {number}"),
        WhichRun::Last => "first seen in the last import".to_owned(),
    }));
    words.extend(filter.query.as_ref().map(|query| format!("that {verb} {}", query.text())));
    if words.is_empty() { String::new() } else { format!("Only articles {}", words.join(", ")) }
}
