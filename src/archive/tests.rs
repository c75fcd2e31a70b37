use super::*;

fn page(number: usize) -> NewDocument {
    let text = format!(
        "<html><title>Rain {number}</title><h1>Rain {number}</h1><p>It rained on day {number}, all \
         night long, and the river rose until nobody could cross it any more.</p></html>"
    );
    let url = format!("https://news.example/{number}");
    NewDocument::new(format!("crawl/{number}"), text).with_url(url)
}

fn import_of(archive: &mut Archive, documents: Vec<NewDocument>) -> ImportReport {
    archive.import_documents(documents, &ImportOptions::default(), &mut |_| {}).unwrap()
}

#[test]
fn documents_are_files_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::at(folder.path().join("a.db"));
    let mut documents: Vec<_> = (0..50).map(page).collect();
    documents.push(NewDocument::new("packed", b"PK\x03\x04 and so on"));
    let report = import_of(&mut archive, documents.clone());
    assert_eq!((report.files_seen, report.new, report.rejected), (51, 50, 1));
    let again = import_of(&mut archive, documents);
    assert_eq!((again.new, again.duplicate, again.rejected), (0, 50, 1));
}

/// Readers that were already open see it too.
#[test]
fn what_was_imported_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::at(folder.path().join("a.db"));
    assert!(matches!(archive.article("1"), Err(Error::NoDatabase(_))));
    import_of(&mut archive, vec![page(1)]);
    let other = Archive::open(archive.path()).unwrap();
    assert_eq!(other.article("1").unwrap().title, "Rain 1");
    import_of(&mut archive, vec![page(2)]);
    assert_eq!(other.article("https://news.example/2").unwrap().title, "Rain 2");
}

#[test]
fn documents_that_never_end_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::at(folder.path().join("a.db"));
    let options = ImportOptions::default();
    let stop = options.stop.clone();
    let report = archive.import_documents((0..).map(page), &options, &mut |progress| {
        if let Progress::Reading { files_seen: 20.., .. } = progress {
            stop.request();
        }
    });
    let report = report.unwrap();
    assert_eq!(report.status, crate::model::RunStatus::Interrupted);
    assert!(report.new >= 20 && archive.article("20").is_ok());
}

#[test]
fn a_text_of_another_revision() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::at(folder.path().join("a.db"));
    let mut revised = page(1);
    revised.bytes = String::from_utf8(revised.bytes).unwrap().replace("night", "day").into();
    import_of(&mut archive, vec![page(1), revised]);
    let texts = [1, 2].map(|number| archive.revision_text("1", number).unwrap());
    assert_ne!(texts[0], texts[1]);
    let missing = archive.revision_text("1", 3);
    assert!(matches!(missing, Err(Error::NoSuchRevision { count: 2, .. })), "{missing:?}");
}
