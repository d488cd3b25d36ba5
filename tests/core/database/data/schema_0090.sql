CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num) );
CREATE TABLE films (id VARCHAR(100) NOT NULL, title TEXT NOT NULL, original_title TEXT NOT NULL, year INTEGER, released DATE, runtime INTEGER, countries JSON NOT NULL, languages JSON NOT NULL, genres JSON NOT NULL, production JSON NOT NULL, logline TEXT NOT NULL, fame FLOAT NOT NULL, source VARCHAR(20) NOT NULL, CONSTRAINT pk_films PRIMARY KEY (id) );
CREATE TABLE titles (film_id VARCHAR(100) NOT NULL, position INTEGER NOT NULL, title TEXT NOT NULL, CONSTRAINT pk_titles PRIMARY KEY (film_id, position), CONSTRAINT fk_titles_film_id FOREIGN KEY(film_id) REFERENCES films (id) ON DELETE CASCADE );
CREATE TABLE people (id VARCHAR(100) NOT NULL, name TEXT NOT NULL, CONSTRAINT pk_people PRIMARY KEY (id) );
CREATE TABLE credits (film_id VARCHAR(100) NOT NULL, job VARCHAR(20) NOT NULL, position INTEGER NOT NULL, person_id VARCHAR(100) NOT NULL, role TEXT, CONSTRAINT pk_credits PRIMARY KEY (film_id, job, position), CONSTRAINT fk_credits_film_id FOREIGN KEY(film_id) REFERENCES films (id) ON DELETE CASCADE, CONSTRAINT fk_credits_person_id FOREIGN KEY(person_id) REFERENCES people (id) );
CREATE INDEX ix_credits_person_id ON credits (person_id);
CREATE TABLE film_ids (source VARCHAR(20) NOT NULL, value VARCHAR(40) NOT NULL, film_id VARCHAR(100) NOT NULL, CONSTRAINT pk_film_ids PRIMARY KEY (source, value), CONSTRAINT fk_film_ids_film_id FOREIGN KEY(film_id) REFERENCES films (id) ON DELETE CASCADE );
CREATE INDEX ix_film_ids_film_id ON film_ids (film_id);
CREATE TABLE availability (film_id VARCHAR(100) NOT NULL, service VARCHAR(80) NOT NULL, countries JSON NOT NULL, since DATE, as_of DATE NOT NULL, CONSTRAINT pk_availability PRIMARY KEY (film_id, service), CONSTRAINT fk_availability_film_id FOREIGN KEY(film_id) REFERENCES films (id) ON DELETE CASCADE );
CREATE TABLE facts (name VARCHAR(80) NOT NULL, value TEXT NOT NULL, CONSTRAINT pk_facts PRIMARY KEY (name) );
CREATE TABLE server_settings (server_id BIGINT NOT NULL, country VARCHAR(2), CONSTRAINT pk_server_settings PRIMARY KEY (server_id) );
CREATE TABLE member_settings (member_id BIGINT NOT NULL, country VARCHAR(2), CONSTRAINT pk_member_settings PRIMARY KEY (member_id) );
ALTER TABLE titles ADD COLUMN region VARCHAR(10);
ALTER TABLE titles ADD COLUMN language VARCHAR(10);
ALTER TABLE people ADD COLUMN key TEXT COLLATE "C" DEFAULT '' NOT NULL;
ALTER TABLE people ADD COLUMN film_count INTEGER DEFAULT '0' NOT NULL;
ALTER TABLE people ADD COLUMN fame FLOAT DEFAULT '0' NOT NULL;
CREATE INDEX ix_people_key ON people (key);
CREATE INDEX ix_people_fame ON people (fame);
CREATE TABLE ratings (id BIGSERIAL NOT NULL, server_id BIGINT NOT NULL, member_id BIGINT NOT NULL, film_id VARCHAR(100) NOT NULL, stars INTEGER NOT NULL, text TEXT, spoiler BOOLEAN NOT NULL, created TIMESTAMP WITH TIME ZONE NOT NULL, edited TIMESTAMP WITH TIME ZONE, hidden VARCHAR(10), counted BOOLEAN NOT NULL, helpful INTEGER NOT NULL, CONSTRAINT pk_ratings PRIMARY KEY (id), CONSTRAINT ck_ratings_stars CHECK (stars BETWEEN 1 AND 10), CONSTRAINT fk_ratings_film_id FOREIGN KEY(film_id) REFERENCES films (id) ON DELETE CASCADE, CONSTRAINT uq_ratings_server_id_member_id_film_id UNIQUE (server_id, member_id, film_id) );
CREATE INDEX ix_ratings_film_id ON ratings (film_id);
CREATE INDEX ix_ratings_member_id ON ratings (member_id);
CREATE INDEX ix_ratings_server_id_film_id_created ON ratings (server_id, film_id, created);
CREATE TABLE rating_totals (server_id BIGINT NOT NULL, film_id VARCHAR(100) NOT NULL, count INTEGER NOT NULL, sum INTEGER NOT NULL, half_1 INTEGER NOT NULL, half_2 INTEGER NOT NULL, half_3 INTEGER NOT NULL, half_4 INTEGER NOT NULL, half_5 INTEGER NOT NULL, half_6 INTEGER NOT NULL, half_7 INTEGER NOT NULL, half_8 INTEGER NOT NULL, half_9 INTEGER NOT NULL, half_10 INTEGER NOT NULL, CONSTRAINT pk_rating_totals PRIMARY KEY (server_id, film_id), CONSTRAINT fk_rating_totals_film_id FOREIGN KEY(film_id) REFERENCES films (id) ON DELETE CASCADE );
CREATE INDEX ix_rating_totals_film_id ON rating_totals (film_id);
CREATE TABLE viewings (id BIGSERIAL NOT NULL, server_id BIGINT NOT NULL, member_id BIGINT NOT NULL, film_id VARCHAR(100) NOT NULL, watched_on DATE, stars INTEGER, rewatch BOOLEAN NOT NULL, created TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT pk_viewings PRIMARY KEY (id), CONSTRAINT fk_viewings_film_id FOREIGN KEY(film_id) REFERENCES films (id) ON DELETE CASCADE );
CREATE INDEX ix_viewings_film_id ON viewings (film_id);
CREATE INDEX ix_viewings_member_id ON viewings (member_id);
CREATE INDEX ix_viewings_server_id_member_id_film_id ON viewings (server_id, member_id, film_id);
CREATE TABLE helpful_votes (rating_id BIGINT NOT NULL, member_id BIGINT NOT NULL, created TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT pk_helpful_votes PRIMARY KEY (rating_id, member_id), CONSTRAINT fk_helpful_votes_rating_id FOREIGN KEY(rating_id) REFERENCES ratings (id) ON DELETE CASCADE );
CREATE INDEX ix_helpful_votes_member_id ON helpful_votes (member_id);
CREATE TABLE replies (id BIGSERIAL NOT NULL, rating_id BIGINT NOT NULL, member_id BIGINT NOT NULL, text TEXT NOT NULL, created TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT pk_replies PRIMARY KEY (id), CONSTRAINT fk_replies_rating_id FOREIGN KEY(rating_id) REFERENCES ratings (id) ON DELETE CASCADE );
CREATE INDEX ix_replies_member_id ON replies (member_id);
CREATE INDEX ix_replies_rating_id ON replies (rating_id);
CREATE TABLE reports (rating_id BIGINT NOT NULL, member_id BIGINT NOT NULL, server_id BIGINT NOT NULL, reason VARCHAR(20) NOT NULL, created TIMESTAMP WITH TIME ZONE NOT NULL, decided TIMESTAMP WITH TIME ZONE, CONSTRAINT pk_reports PRIMARY KEY (rating_id, member_id), CONSTRAINT fk_reports_rating_id FOREIGN KEY(rating_id) REFERENCES ratings (id) ON DELETE CASCADE );
CREATE INDEX ix_reports_member_id ON reports (member_id);
CREATE INDEX ix_reports_server_id_decided ON reports (server_id, decided);
CREATE TABLE server_members (server_id BIGINT NOT NULL, member_id BIGINT NOT NULL, checked TIMESTAMP WITH TIME ZONE NOT NULL, departed TIMESTAMP WITH TIME ZONE, CONSTRAINT pk_server_members PRIMARY KEY (server_id, member_id) );
CREATE INDEX ix_server_members_member_id ON server_members (member_id);
CREATE INDEX ix_server_members_server_id_checked ON server_members (server_id, checked);
CREATE TABLE watchlist (server_id BIGINT NOT NULL, member_id BIGINT NOT NULL, film_id VARCHAR(100) NOT NULL, added TIMESTAMP WITH TIME ZONE NOT NULL, keep BOOLEAN NOT NULL, CONSTRAINT pk_watchlist PRIMARY KEY (server_id, member_id, film_id), CONSTRAINT fk_watchlist_film_id FOREIGN KEY(film_id) REFERENCES films (id) ON DELETE CASCADE );
CREATE INDEX ix_watchlist_film_id ON watchlist (film_id);
CREATE INDEX ix_watchlist_member_id ON watchlist (member_id);
CREATE TABLE member_privacy (member_id BIGINT NOT NULL, hide_name BOOLEAN NOT NULL, public_diary BOOLEAN NOT NULL, CONSTRAINT pk_member_privacy PRIMARY KEY (member_id) );
CREATE TABLE blocks (server_id BIGINT NOT NULL, member_id BIGINT NOT NULL, until TIMESTAMP WITH TIME ZONE, reason TEXT NOT NULL, created TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT pk_blocks PRIMARY KEY (server_id, member_id) );
CREATE INDEX ix_blocks_member_id ON blocks (member_id);
CREATE TABLE moderation_log (id BIGSERIAL NOT NULL, server_id BIGINT NOT NULL, actor_id BIGINT, action VARCHAR(20) NOT NULL, subject VARCHAR(32) NOT NULL, film_id VARCHAR(100), rating_id BIGINT, reason TEXT NOT NULL, created TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT pk_moderation_log PRIMARY KEY (id) );
CREATE INDEX ix_moderation_log_server_id_id ON moderation_log (server_id, id);
CREATE TABLE log_subjects (server_id BIGINT NOT NULL, member_id BIGINT NOT NULL, subject VARCHAR(32) NOT NULL, CONSTRAINT pk_log_subjects PRIMARY KEY (server_id, member_id), CONSTRAINT uq_log_subjects_subject UNIQUE (subject) );
CREATE INDEX ix_log_subjects_member_id ON log_subjects (member_id);
CREATE TABLE review_settings (server_id BIGINT NOT NULL, minimum_raters INTEGER NOT NULL, report_threshold INTEGER NOT NULL, moderator_role BIGINT, log_channel BIGINT, blocked_words JSON NOT NULL, CONSTRAINT pk_review_settings PRIMARY KEY (server_id) );
CREATE FUNCTION moderation_log_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the moderation log can only be added to'; END $$;
CREATE TRIGGER moderation_log_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation_log FOR EACH STATEMENT EXECUTE FUNCTION moderation_log_refuse();
CREATE TABLE film_changes (id SERIAL NOT NULL, film_id VARCHAR(100) NOT NULL, CONSTRAINT pk_film_changes PRIMARY KEY (id) );
CREATE TABLE online_details (film_id VARCHAR(100) NOT NULL, source VARCHAR(20) NOT NULL, source_id VARCHAR(20), details JSON, details_at TIMESTAMP WITH TIME ZONE NOT NULL, streaming_at TIMESTAMP WITH TIME ZONE, CONSTRAINT pk_online_details PRIMARY KEY (film_id), CONSTRAINT fk_online_details_film_id FOREIGN KEY(film_id) REFERENCES films (id) ON DELETE CASCADE );
CREATE INDEX ix_online_details_source_source_id ON online_details (source, source_id);
CREATE INDEX ix_online_details_details_at ON online_details (details_at);
CREATE TABLE online_offers (film_id VARCHAR(100) NOT NULL, country VARCHAR(2) NOT NULL, services JSON NOT NULL, link TEXT NOT NULL, CONSTRAINT pk_online_offers PRIMARY KEY (film_id, country), CONSTRAINT fk_online_offers_film_id FOREIGN KEY(film_id) REFERENCES films (id) ON DELETE CASCADE );
CREATE INDEX ix_online_offers_country ON online_offers (country);
CREATE TABLE online_collections (source_id VARCHAR(20) NOT NULL, collection JSON NOT NULL, fetched_at TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT pk_online_collections PRIMARY KEY (source_id) );
CREATE TABLE streaming_services (name VARCHAR(120) NOT NULL, places JSON NOT NULL, CONSTRAINT pk_streaming_services PRIMARY KEY (name) );
CREATE TABLE subscriptions (member_id BIGINT NOT NULL, service VARCHAR(120) NOT NULL, name VARCHAR(120) NOT NULL, CONSTRAINT pk_subscriptions PRIMARY KEY (member_id, service) );
CREATE TABLE alerts (member_id BIGINT NOT NULL, film_id VARCHAR(100) NOT NULL, country VARCHAR(2) NOT NULL, asked_at TIMESTAMP WITH TIME ZONE NOT NULL, services JSON, came_at TIMESTAMP WITH TIME ZONE, tries INTEGER NOT NULL, CONSTRAINT pk_alerts PRIMARY KEY (member_id, film_id), CONSTRAINT fk_alerts_film_id FOREIGN KEY(film_id) REFERENCES films (id) ON DELETE CASCADE );
CREATE INDEX ix_alerts_film_id ON alerts (film_id);
CREATE TABLE ratings_sets (name VARCHAR(40) NOT NULL, imported_at TIMESTAMP WITH TIME ZONE NOT NULL, members INTEGER NOT NULL, ratings INTEGER NOT NULL, CONSTRAINT pk_ratings_sets PRIMARY KEY (name) );
CREATE TABLE ratings_set_films (set_name VARCHAR(40) NOT NULL, number INTEGER NOT NULL, film_id VARCHAR(100) NOT NULL, CONSTRAINT pk_ratings_set_films PRIMARY KEY (set_name, number), CONSTRAINT fk_ratings_set_films_film_id FOREIGN KEY(film_id) REFERENCES films (id) ON DELETE CASCADE, CONSTRAINT fk_ratings_set_films_set_name FOREIGN KEY(set_name) REFERENCES ratings_sets (name) ON DELETE CASCADE );
CREATE INDEX ix_ratings_set_films_film_id ON ratings_set_films (film_id);
CREATE TABLE ratings_set_members (set_name VARCHAR(40) NOT NULL, member BIGINT NOT NULL, ratings BYTEA NOT NULL, CONSTRAINT pk_ratings_set_members PRIMARY KEY (set_name, member), CONSTRAINT fk_ratings_set_members_set_name FOREIGN KEY(set_name) REFERENCES ratings_sets (name) ON DELETE CASCADE );
CREATE TABLE refusals (server_id BIGINT NOT NULL, member_id BIGINT NOT NULL, film_id VARCHAR(100) NOT NULL, created TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT pk_refusals PRIMARY KEY (server_id, member_id, film_id), CONSTRAINT fk_refusals_film_id FOREIGN KEY(film_id) REFERENCES films (id) ON DELETE CASCADE );
CREATE INDEX ix_refusals_film_id ON refusals (film_id);
CREATE INDEX ix_refusals_member_id ON refusals (member_id);
CREATE TABLE learning_servers (server_id BIGINT NOT NULL, created TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT pk_learning_servers PRIMARY KEY (server_id) );
CREATE TABLE learning_members (member_id BIGINT NOT NULL, created TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT pk_learning_members PRIMARY KEY (member_id) );
CREATE TABLE evenings (id BIGSERIAL NOT NULL, server_id BIGINT NOT NULL, wishes JSON NOT NULL, weight INTEGER NOT NULL, film_id VARCHAR(100), created TIMESTAMP WITH TIME ZONE NOT NULL, chosen TIMESTAMP WITH TIME ZONE, CONSTRAINT pk_evenings PRIMARY KEY (id), CONSTRAINT fk_evenings_film_id FOREIGN KEY(film_id) REFERENCES films (id) ON DELETE SET NULL );
CREATE INDEX ix_evenings_server_id_chosen ON evenings (server_id, chosen);
CREATE INDEX ix_evenings_film_id ON evenings (film_id);
CREATE TABLE evening_members (evening_id BIGINT NOT NULL, member_id BIGINT NOT NULL, burden FLOAT, CONSTRAINT pk_evening_members PRIMARY KEY (evening_id, member_id), CONSTRAINT fk_evening_members_evening_id FOREIGN KEY(evening_id) REFERENCES evenings (id) ON DELETE CASCADE );
CREATE INDEX ix_evening_members_member_id ON evening_members (member_id);
CREATE TABLE pick_settings (server_id BIGINT NOT NULL, zone VARCHAR(64) NOT NULL, every VARCHAR(10) NOT NULL, at INTEGER NOT NULL, weekday INTEGER NOT NULL, day INTEGER NOT NULL, channel_id BIGINT, thread BOOLEAN NOT NULL, role_id BIGINT, retrospect BOOLEAN NOT NULL, refill VARCHAR(10) NOT NULL, curator_role BIGINT, next_at TIMESTAMP WITH TIME ZONE, CONSTRAINT pk_pick_settings PRIMARY KEY (server_id) );
CREATE INDEX ix_pick_settings_next_at ON pick_settings (next_at);
CREATE TABLE pick_series (id BIGSERIAL NOT NULL, server_id BIGINT NOT NULL, name VARCHAR(200) NOT NULL, closed BOOLEAN NOT NULL, CONSTRAINT pk_pick_series PRIMARY KEY (id), CONSTRAINT uq_pick_series_server_id_name UNIQUE (server_id, name) );
CREATE TABLE picks (id BIGSERIAL NOT NULL, server_id BIGINT NOT NULL, film_id VARCHAR(100) NOT NULL, series_id BIGINT, note TEXT NOT NULL, state VARCHAR(10) NOT NULL, position INTEGER NOT NULL, starts TIMESTAMP WITH TIME ZONE, days INTEGER, began TIMESTAMP WITH TIME ZONE, ends TIMESTAMP WITH TIME ZONE, ended TIMESTAMP WITH TIME ZONE, curator_id BIGINT, channel_id BIGINT, message_id BIGINT, thread_id BIGINT, CONSTRAINT pk_picks PRIMARY KEY (id), CONSTRAINT ck_picks_state CHECK (state IN ('planned', 'current', 'past', 'missed')), CONSTRAINT fk_picks_film_id FOREIGN KEY(film_id) REFERENCES films (id) ON DELETE CASCADE, CONSTRAINT fk_picks_series_id FOREIGN KEY(series_id) REFERENCES pick_series (id) ON DELETE SET NULL );
CREATE INDEX ix_picks_film_id ON picks (film_id);
CREATE INDEX ix_picks_server_id_state_position ON picks (server_id, state, position);
CREATE INDEX ix_picks_state_starts ON picks (state, starts);
CREATE UNIQUE INDEX uq_picks_current ON picks (server_id) WHERE state = 'current';
CREATE TABLE pick_tasks (id BIGSERIAL NOT NULL, server_id BIGINT NOT NULL, errand VARCHAR(12) NOT NULL, subject BIGINT NOT NULL, state VARCHAR(10) NOT NULL, due TIMESTAMP WITH TIME ZONE NOT NULL, claimed TIMESTAMP WITH TIME ZONE, token VARCHAR(32), CONSTRAINT pk_pick_tasks PRIMARY KEY (id), CONSTRAINT uq_pick_tasks_errand_subject UNIQUE (errand, subject) );
CREATE INDEX ix_pick_tasks_state_due ON pick_tasks (state, due);
CREATE INDEX ix_pick_tasks_server_id ON pick_tasks (server_id);
CREATE TABLE pick_notices (server_id BIGINT NOT NULL, kind VARCHAR(20) NOT NULL, text TEXT NOT NULL, created TIMESTAMP WITH TIME ZONE NOT NULL, told BOOLEAN NOT NULL, CONSTRAINT pk_pick_notices PRIMARY KEY (server_id, kind) );
CREATE TABLE pick_votes (id BIGSERIAL NOT NULL, server_id BIGINT NOT NULL, film_ids JSON NOT NULL, ends TIMESTAMP WITH TIME ZONE NOT NULL, channel_id BIGINT, message_id BIGINT, CONSTRAINT pk_pick_votes PRIMARY KEY (id) );
CREATE INDEX ix_pick_votes_server_id ON pick_votes (server_id);
CREATE TABLE pick_goers (pick_id BIGINT NOT NULL, member_id BIGINT NOT NULL, created TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT pk_pick_goers PRIMARY KEY (pick_id, member_id), CONSTRAINT fk_pick_goers_pick_id FOREIGN KEY(pick_id) REFERENCES picks (id) ON DELETE CASCADE );
CREATE INDEX ix_pick_goers_member_id ON pick_goers (member_id);
CREATE TABLE pick_suggestions (id BIGSERIAL NOT NULL, server_id BIGINT NOT NULL, member_id BIGINT NOT NULL, film_id VARCHAR(100) NOT NULL, why TEXT NOT NULL, created TIMESTAMP WITH TIME ZONE NOT NULL, decision VARCHAR(10) NOT NULL, decided TIMESTAMP WITH TIME ZONE, CONSTRAINT pk_pick_suggestions PRIMARY KEY (id), CONSTRAINT fk_pick_suggestions_film_id FOREIGN KEY(film_id) REFERENCES films (id) ON DELETE CASCADE );
CREATE INDEX ix_pick_suggestions_film_id ON pick_suggestions (film_id);
CREATE INDEX ix_pick_suggestions_member_id ON pick_suggestions (member_id);
CREATE INDEX ix_pick_suggestions_server_id_decision ON pick_suggestions (server_id, decision);
CREATE UNIQUE INDEX uq_pick_suggestions_open ON pick_suggestions (server_id, film_id) WHERE decision = 'open';
ALTER TABLE replies ADD COLUMN edited TIMESTAMP WITH TIME ZONE;
ALTER TABLE replies ADD COLUMN hidden VARCHAR(10);
ALTER TABLE moderation_log ADD COLUMN reply_id BIGINT;
CREATE TABLE reply_reports (reply_id BIGINT NOT NULL, member_id BIGINT NOT NULL, server_id BIGINT NOT NULL, reason VARCHAR(20) NOT NULL, created TIMESTAMP WITH TIME ZONE NOT NULL, decided TIMESTAMP WITH TIME ZONE, CONSTRAINT pk_reply_reports PRIMARY KEY (reply_id, member_id), CONSTRAINT fk_reply_reports_reply_id FOREIGN KEY(reply_id) REFERENCES replies (id) ON DELETE CASCADE );
CREATE INDEX ix_reply_reports_server_id_decided ON reply_reports (server_id, decided);
CREATE INDEX ix_reply_reports_member_id ON reply_reports (member_id);
ALTER TABLE ratings ADD COLUMN reworded TIMESTAMP WITH TIME ZONE;

INSERT INTO blocks (server_id, member_id, until, reason, created) VALUES
    ('100', '14', '2026-11-24 12:15:00+00', 'Shouting', '2026-11-21 12:15:00+00'),
    ('200', '14', NULL, 'For good', '2026-11-21 12:20:00+00');
INSERT INTO facts (name, value) VALUES
    ('catalogue version', '6f1d0c35a3b94d0f8a1f2c7be9d04711'),
    ('nightly alerts', '2026-11-20T03:00:00+00:00');
INSERT INTO film_changes (id, film_id) VALUES
    ('1', 'last-pier-2015'),
    ('2', 'night-bus-1994'),
    ('3', 'the-well-2010'),
    ('4', 'lamplight-2001'),
    ('5', 'paper-kite-2020');
INSERT INTO films (id, title, original_title, year, released, runtime, countries, languages, genres, production, logline, fame, source) VALUES
    ('lamplight-2001', 'Lamplight', 'Lamplight', '2001', NULL, NULL, '[]', '[]', '[]', '[]', '', '30', 'starter'),
    ('last-pier-2015', 'Last Pier', 'Last Pier', '2015', NULL, NULL, '[]', '[]', '[]', '[]', '', '10', 'starter'),
    ('night-bus-1994', 'Night Bus', 'Nachtbus', '1994', '1994-05-17', '101', '["DE"]', '["de"]', '["Drama"]', '["Sample Pictures"]', 'A bus goes round all night.', '40', 'starter'),
    ('paper-kite-2020', 'Paper Kite', 'Paper Kite', '2020', NULL, NULL, '[]', '[]', '[]', '[]', '', '5', 'starter'),
    ('the-well-2010', 'The Well', 'The Well', '2010', NULL, NULL, '[]', '[]', '[]', '[]', '', '20', 'starter');
INSERT INTO learning_members (member_id, created) VALUES
    ('11', '2026-11-21 12:21:00+00');
INSERT INTO learning_servers (server_id, created) VALUES
    ('100', '2026-11-21 12:21:00+00'),
    ('200', '2026-11-21 12:22:00+00');
INSERT INTO log_subjects (server_id, member_id, subject) VALUES
    ('100', '13', 'c1c4a81f3e856ec7cc63d8cdffd2879f'),
    ('100', '14', 'b25ae51de9aee8cbee5c9d0be0c46bcc'),
    ('200', '12', '1776ffd4d00476c4a4d8abe94cb7453e'),
    ('200', '14', '986cc6accd684fe3ddc820c554b77d81');
INSERT INTO member_privacy (member_id, hide_name, public_diary) VALUES
    ('11', 'f', 't'),
    ('12', 't', 'f');
INSERT INTO member_settings (member_id, country) VALUES
    ('11', 'AT'),
    ('12', NULL);
INSERT INTO moderation_log (id, server_id, actor_id, action, subject, film_id, rating_id, reason, created, reply_id) VALUES
    ('1', '100', '13', 'settings', '', NULL, NULL, 'minimum raters: 2, report threshold: 1, moderator role: 901, log channel: 902, blocked words: 2 words', '2026-11-21 12:10:00+00', NULL),
    ('2', '100', NULL, 'auto hide', 'c1c4a81f3e856ec7cc63d8cdffd2879f', 'night-bus-1994', '3', '1 reports', '2026-11-21 12:10:00+00', NULL),
    ('3', '100', NULL, 'auto hide', 'b25ae51de9aee8cbee5c9d0be0c46bcc', 'night-bus-1994', '1', '1 reports', '2026-11-21 12:10:00+00', '2'),
    ('4', '100', '13', 'hide', 'b25ae51de9aee8cbee5c9d0be0c46bcc', 'night-bus-1994', '1', 'Be kind.', '2026-11-21 12:15:00+00', '2'),
    ('5', '100', '13', 'block', 'b25ae51de9aee8cbee5c9d0be0c46bcc', NULL, NULL, 'Shouting', '2026-11-21 12:15:00+00', NULL),
    ('6', '200', '13', 'block', '1776ffd4d00476c4a4d8abe94cb7453e', NULL, NULL, '', '2026-11-21 12:15:00+00', NULL),
    ('7', '200', '13', 'unblock', '1776ffd4d00476c4a4d8abe94cb7453e', NULL, NULL, 'A mistake', '2026-11-21 12:20:00+00', NULL),
    ('8', '200', '13', 'block', '986cc6accd684fe3ddc820c554b77d81', NULL, NULL, 'For good', '2026-11-21 12:20:00+00', NULL);
INSERT INTO online_collections (source_id, collection, fetched_at) VALUES
    ('9', '{"source_id": "9", "name": "Night collection", "parts": [{"source_id": "1", "title": "Night Bus", "year": 1994}, {"source_id": "2", "title": "Night Tram", "year": null}]}', '2026-11-18 12:00:00+00');
INSERT INTO people (id, name, key, film_count, fame) VALUES
    ('ada-sample', 'Ada Sample', 'ada sample', '2', '70'),
    ('bo-example', 'Bo Example', 'bo example', '1', '40');
INSERT INTO pick_notices (server_id, kind, text, created, told) VALUES
    ('100', 'pin', 'The marquee''s announcement could not be pinned.', '2026-11-23 12:28:00+00', 'f'),
    ('100', 'role', 'The role that the marquee pings is gone.', '2026-11-23 12:28:00+00', 't');
INSERT INTO pick_series (id, server_id, name, closed) VALUES
    ('1', '100', 'Autumn nights', 'f'),
    ('2', '100', 'Old series', 't');
INSERT INTO pick_settings (server_id, zone, every, at, weekday, day, channel_id, thread, role_id, retrospect, refill, curator_role, next_at) VALUES
    ('100', 'Europe/Berlin', 'week', '1170', '2', '1', '903', 't', '904', 't', 'vote', '905', '2026-11-25 18:30:00+00'),
    ('300', 'UTC', 'month', '1200', '4', '31', NULL, 'f', NULL, 't', 'off', NULL, '2026-11-30 20:00:00+00');
INSERT INTO pick_tasks (id, server_id, errand, subject, state, due, claimed, token) VALUES
    ('1', '100', 'announce', '1', 'done', '2026-11-21 12:28:00+00', NULL, NULL),
    ('2', '100', 'close', '1', 'claimed', '2026-11-23 12:28:00+00', '2026-11-23 12:28:00+00', '56f380e2b223c73554871f8f9e19765a'),
    ('3', '100', 'retrospect', '1', 'due', '2026-11-23 12:28:00+00', NULL, NULL),
    ('4', '100', 'announce', '2', 'due', '2026-11-23 12:28:00+00', NULL, NULL);
INSERT INTO pick_votes (id, server_id, film_ids, ends, channel_id, message_id) VALUES
    ('1', '100', '["the-well-2010", "last-pier-2015"]', '2026-11-23 18:30:00+00', '903', '9003');
INSERT INTO ratings_sets (name, imported_at, members, ratings) VALUES
    ('sample', '2026-11-21 12:28:00+00', '2', '3');
INSERT INTO review_settings (server_id, minimum_raters, report_threshold, moderator_role, log_channel, blocked_words) VALUES
    ('100', '2', '1', '901', '902', '["grot", "dreck*"]');
INSERT INTO server_members (server_id, member_id, checked, departed) VALUES
    ('100', '11', '2026-11-23 12:28:00+00', NULL),
    ('100', '12', '2026-11-23 12:29:00+00', NULL),
    ('100', '13', '2026-11-21 12:21:00+00', NULL),
    ('100', '14', '2026-11-21 12:20:00+00', '2026-11-21 12:20:00+00'),
    ('200', '11', '2026-11-20 12:03:00+00', NULL);
INSERT INTO server_settings (server_id, country) VALUES
    ('100', 'DE');
INSERT INTO streaming_services (name, places) VALUES
    ('Lantern+', '{"DE": 1, "AT": 3}'),
    ('Reelhouse', '{"DE": 2}');
INSERT INTO subscriptions (member_id, service, name) VALUES
    ('11', 'lantern plus', 'Lantern+'),
    ('11', 'reelhouse', 'Reelhouse');
INSERT INTO alerts (member_id, film_id, country, asked_at, services, came_at, tries) VALUES
    ('11', 'lamplight-2001', 'AT', '2026-11-11 12:00:00+00', NULL, NULL, '0'),
    ('11', 'night-bus-1994', 'AT', '2026-11-12 12:00:00+00', '["Lantern+"]', '2026-11-19 12:00:00+00', '2');
INSERT INTO availability (film_id, service, countries, since, as_of) VALUES
    ('night-bus-1994', 'Lantern+', '["DE", "AT"]', '2026-10-01', '2026-11-01');
INSERT INTO credits (film_id, job, position, person_id, role) VALUES
    ('lamplight-2001', 'director', '0', 'ada-sample', NULL),
    ('night-bus-1994', 'cast', '0', 'bo-example', 'The driver'),
    ('night-bus-1994', 'director', '0', 'ada-sample', NULL);
INSERT INTO evenings (id, server_id, wishes, weight, film_id, created, chosen) VALUES
    ('1', '100', '{"genre": "Drama", "mood": "cry", "max_minutes": null, "decade": null, "language": null, "country": null, "surprise": 0.0, "on_services": false}', '75', 'the-well-2010', '2026-11-21 12:21:00+00', '2026-11-21 12:28:00+00'),
    ('2', '100', '{"genre": null, "mood": null, "max_minutes": null, "decade": null, "language": null, "country": null, "surprise": 0.0, "on_services": false}', '50', NULL, '2026-11-21 12:28:00+00', NULL);
INSERT INTO film_ids (source, value, film_id) VALUES
    ('imdb', 'tt0000001', 'night-bus-1994'),
    ('tmdb', '1', 'night-bus-1994');
INSERT INTO online_details (film_id, source, source_id, details, details_at, streaming_at) VALUES
    ('night-bus-1994', 'tmdb', '1', '{"source": "tmdb", "source_id": "1", "texts": {"en": {"title": "Night Bus", "overview": "A bus.", "tagline": "Mind the gap"}}, "poster": "https://image.example/1.jpg", "stills": ["https://image.example/2.jpg"], "trailer": "https://video.example/1", "certifications": {"DE": "12"}, "collection": {"source_id": "9", "name": "Night collection", "parts": []}}', '2026-11-18 12:00:00+00', '2026-11-20 09:00:00+00'),
    ('the-well-2010', 'tmdb', NULL, NULL, '2026-11-19 12:00:00+00', NULL);
INSERT INTO online_offers (film_id, country, services, link) VALUES
    ('night-bus-1994', 'DE', '{"subscription": ["Lantern+"], "rent": ["Reelhouse"]}', 'https://offers.example/1');
INSERT INTO pick_suggestions (id, server_id, member_id, film_id, why, created, decision, decided) VALUES
    ('1', '100', '11', 'the-well-2010', 'It is deep.', '2026-11-23 12:28:00+00', 'open', NULL),
    ('2', '100', '12', 'night-bus-1994', '', '2026-11-23 12:29:00+00', 'declined', '2026-11-23 12:30:00+00');
INSERT INTO picks (id, server_id, film_id, series_id, note, state, position, starts, days, began, ends, ended, curator_id, channel_id, message_id, thread_id) VALUES
    ('1', '100', 'night-bus-1994', NULL, 'Because it never stops.', 'past', '1', NULL, NULL, '2026-11-21 12:28:00+00', NULL, '2026-11-23 12:28:00+00', '13', '903', '9001', '9002'),
    ('2', '100', 'lamplight-2001', '1', 'Light.', 'current', '1', NULL, '5', '2026-11-23 12:28:00+00', '2026-11-28 12:28:00+00', NULL, '13', NULL, NULL, NULL),
    ('3', '100', 'last-pier-2015', NULL, 'By the sea.', 'planned', '1', '2027-01-02 12:28:00+00', '2', NULL, NULL, NULL, '13', NULL, NULL, NULL),
    ('4', '100', 'paper-kite-2020', '1', '', 'planned', '2', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('5', '200', 'paper-kite-2020', NULL, '', 'missed', '1', '2026-11-22 12:30:00+00', '1', '2026-11-22 12:30:00+00', NULL, '2026-11-23 12:30:00+00', '13', NULL, NULL, NULL);
INSERT INTO rating_totals (server_id, film_id, "count", "sum", half_1, half_2, half_3, half_4, half_5, half_6, half_7, half_8, half_9, half_10) VALUES
    ('100', 'lamplight-2001', '2', '16', '0', '0', '0', '0', '0', '1', '0', '0', '0', '1'),
    ('100', 'night-bus-1994', '3', '21', '0', '0', '0', '1', '0', '0', '1', '0', '0', '1'),
    ('100', 'the-well-2010', '1', '1', '1', '0', '0', '0', '0', '0', '0', '0', '0', '0'),
    ('200', 'night-bus-1994', '1', '8', '0', '0', '0', '0', '0', '0', '0', '1', '0', '0');
INSERT INTO ratings (id, server_id, member_id, film_id, stars, text, spoiler, created, edited, hidden, counted, helpful, reworded) VALUES
    ('1', '100', '11', 'night-bus-1994', '10', 'It never stops, and nor should it.', 'f', '2026-11-20 12:00:00+00', '2026-11-21 12:04:00+00', NULL, 't', '2', '2026-11-21 12:04:00+00'),
    ('2', '100', '12', 'night-bus-1994', '4', 'It stops far too late.', 't', '2026-11-20 12:01:00+00', NULL, NULL, 't', '0', NULL),
    ('3', '100', '13', 'night-bus-1994', '7', 'I got off.', 'f', '2026-11-20 12:02:00+00', NULL, 'reports', 't', '0', NULL),
    ('4', '100', '14', 'night-bus-1994', '2', NULL, 'f', '2026-11-20 12:03:00+00', NULL, NULL, 'f', '0', NULL),
    ('5', '200', '11', 'night-bus-1994', '8', NULL, 'f', '2026-11-20 12:03:00+00', NULL, NULL, 't', '0', NULL),
    ('6', '100', '11', 'lamplight-2001', '10', NULL, 'f', '2026-11-20 12:04:00+00', NULL, NULL, 't', '0', NULL),
    ('7', '100', '12', 'lamplight-2001', '6', NULL, 'f', '2026-11-20 12:04:00+00', NULL, NULL, 't', '0', NULL),
    ('8', '100', '12', 'the-well-2010', '1', 'Dry.', 'f', '2026-11-20 12:04:00+00', NULL, NULL, 't', '0', NULL);
INSERT INTO ratings_set_films (set_name, number, film_id) VALUES
    ('sample', '0', 'night-bus-1994'),
    ('sample', '1', 'lamplight-2001');
INSERT INTO ratings_set_members (set_name, member, ratings) VALUES
    ('sample', '1', E'\\x00000000090100000003'),
    ('sample', '70000', E'\\x010000000a');
INSERT INTO refusals (server_id, member_id, film_id, created) VALUES
    ('100', '12', 'paper-kite-2020', '2026-11-21 12:21:00+00');
INSERT INTO titles (film_id, position, title, region, language) VALUES
    ('night-bus-1994', '0', 'The Night Bus', NULL, NULL),
    ('night-bus-1994', '1', 'Autobus de nuit', 'FR', 'fr');
INSERT INTO viewings (id, server_id, member_id, film_id, watched_on, stars, rewatch, created) VALUES
    ('1', '100', '11', 'night-bus-1994', '2026-11-19', '9', 'f', '2026-11-20 12:00:00+00'),
    ('2', '100', '12', 'night-bus-1994', NULL, '4', 'f', '2026-11-20 12:01:00+00'),
    ('3', '100', '13', 'night-bus-1994', NULL, '7', 'f', '2026-11-20 12:02:00+00'),
    ('4', '100', '14', 'night-bus-1994', NULL, '2', 'f', '2026-11-20 12:03:00+00'),
    ('5', '200', '11', 'night-bus-1994', NULL, '8', 'f', '2026-11-20 12:03:00+00'),
    ('6', '100', '11', 'lamplight-2001', NULL, '10', 'f', '2026-11-20 12:04:00+00'),
    ('7', '100', '12', 'lamplight-2001', NULL, '6', 'f', '2026-11-20 12:04:00+00'),
    ('8', '100', '12', 'the-well-2010', NULL, '1', 'f', '2026-11-20 12:04:00+00'),
    ('9', '100', '11', 'night-bus-1994', '2026-11-21', '10', 't', '2026-11-21 12:04:00+00');
INSERT INTO watchlist (server_id, member_id, film_id, added, keep) VALUES
    ('100', '11', 'paper-kite-2020', '2026-11-21 12:21:00+00', 'f'),
    ('100', '11', 'the-well-2010', '2026-11-21 12:20:00+00', 't'),
    ('100', '13', 'the-well-2010', '2026-11-21 12:21:00+00', 'f');
INSERT INTO evening_members (evening_id, member_id, burden) VALUES
    ('1', '11', '0.25'),
    ('1', '12', '1.5'),
    ('2', '13', NULL);
INSERT INTO helpful_votes (rating_id, member_id, created) VALUES
    ('1', '12', '2026-11-21 12:04:00+00'),
    ('1', '13', '2026-11-21 12:05:00+00');
INSERT INTO pick_goers (pick_id, member_id, created) VALUES
    ('1', '11', '2026-11-21 12:28:00+00'),
    ('2', '12', '2026-11-23 12:28:00+00');
INSERT INTO replies (id, rating_id, member_id, text, created, edited, hidden) VALUES
    ('1', '1', '12', 'It stops at the depot, at five.', '2026-11-21 12:05:00+00', '2026-11-21 12:10:00+00', NULL),
    ('2', '1', '14', 'Nonsense.', '2026-11-21 12:05:00+00', NULL, 'moderator');
INSERT INTO reports (rating_id, member_id, server_id, reason, created, decided) VALUES
    ('3', '11', '100', 'spoiler', '2026-11-21 12:10:00+00', NULL);
INSERT INTO reply_reports (reply_id, member_id, server_id, reason, created, decided) VALUES
    ('2', '12', '100', 'insult', '2026-11-21 12:10:00+00', '2026-11-21 12:15:00+00');
INSERT INTO alembic_version (version_num) VALUES
    ('0090');
SELECT setval('evenings_id_seq', 2);
SELECT setval('film_changes_id_seq', 5);
SELECT setval('moderation_log_id_seq', 8);
SELECT setval('pick_series_id_seq', 2);
SELECT setval('pick_suggestions_id_seq', 2);
SELECT setval('pick_tasks_id_seq', 4);
SELECT setval('pick_votes_id_seq', 1);
SELECT setval('picks_id_seq', 5);
SELECT setval('ratings_id_seq', 8);
SELECT setval('replies_id_seq', 2);
SELECT setval('viewings_id_seq', 9);
