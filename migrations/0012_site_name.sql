-- What a site is called. Articles name it; the site has the name that most of them give.
ALTER TABLE site ADD COLUMN
    name TEXT /* that most of its articles give, of equals the least; NULL if none gives one */;
ALTER TABLE article ADD COLUMN
    site_name TEXT /* the name of its site, as the current seed gives it */;
-- The names of a site are counted in the index that also finds its articles.
DROP INDEX article_by_site;
CREATE INDEX article_by_site ON article (site_id, site_name);
