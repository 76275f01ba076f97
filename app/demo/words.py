"""What names and addresses of a crowd are put together from, the most common first.

Surnames and first names by origin, because people of one family have both from the same place.
"""

GERMAN = (
    """Anna Thomas Maria Michael Sabine Andreas Julia Peter Stefan Petra Christian Susanne Markus
    Monika Klaus Claudia Martin Birgit Daniel Katharina Frank Nicole Jürgen Karin Alexander Lena
    Matthias Ursula Jan Stefanie Uwe Heike Sebastian Andrea Florian Gabriele Tobias Brigitte
    Wolfgang Renate Felix Martina Bernd Angelika Lukas Melanie Jonas Christine Paul Silke Hans
    Helga Maximilian Sandra Torsten Anja Dirk Sophie Ralf Marie Simon Jana Oliver Laura Björn
    Käthe Günther Änne Jörg Lisa Tim Sarah Patrick Hannah Rainer Johanna Holger Franziska Ulrich
    Barbara Manfred Ingrid Horst Elke Dieter Gisela Werner Ilse Philipp Charlotte Moritz Emilia
    Ben Mia Leon Emma Finn Greta Oskar Ida Anton Frieda Jakob Mathilda Emil Clara""",
    """Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch
    Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann
    Lange Schmitt Werner Schmitz Krause Meier Lehmann Schmid Schulze Maier Köhler Herrmann König
    Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Schubert Vogel
    Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke Albrecht
    Schuster Simon Ludwig Böhm Winter Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto
    Sommer Groß Seidel Heinrich Brandt Haas Schreiber Graf Schulte Dietrich Ziegler Kuhn Kühn
    Pohl Engel Horn Busch Bergmann Thomas Voigt Sauer Arnold Wolff Pfeiffer Ernst Lindner Hübner
    Kramer Nowak Förster Jansen Hansen Petersen Thiel Böttcher Götz Ott Dreßler Großmann
    Weißenfels Löwe Süß Rößler Steinmetz Lindenberg Ahrens Ebert Kessler Kirchner Marx Naumann
    Reuter Schilling Schlüter Schwabe Siebert Stahl Steffen Ulrich Urban Wendt Wilke Wirth Witte
    Wulff Zander Zeller""",
)
AUSTRIAN = (
    """Maria Josef Johann Franz Anna Karl Elisabeth Michael Thomas Eva Christian Wolfgang Barbara
    Gerhard Christine Herbert Andreas Martina Markus Sabine Stefan Katharina Georg Theresa
    Florian Magdalena Lukas Valentina Tobias Johanna Alois Leopold Hermine Resi Xaver Kathrin""",
    """Gruber Huber Bauer Wagner Müller Pichler Steiner Moser Mayer Hofer Leitner Berger Fuchs Eder
    Fischer Schmid Winkler Weber Schwarz Maier Schneider Reiter Mayr Schmidt Wimmer Egger
    Brunner Lang Baumgartner Auer Binder Lechner Wolf Wallner Aigner Ebner Koller Lehner Haas
    Schuster Oberhuber Unterberger Stadlbauer Hinterleitner Kirchmayr Zauner Riegler Pöll
    Grünwald Höller""",
)
SWISS = (
    """Daniel Maria Peter Thomas Anna Hans Ursula Christian Ruth Martin Elisabeth Andreas Sandra
    Markus Monika Urs Regula Beat Verena Reto Barbara Marcel Nicole Stefan Claudia Luca Noah Mia
    Nina Lara Jürg Rösli Zoë Céline Noël Ueli Vreni Sébastien Chloé Matteo Giulia""",
    """Müller Meier Schmid Keller Weber Huber Schneider Meyer Steiner Fischer Gerber Brunner
    Baumann Frei Zimmermann Moser Widmer Wyss Graf Roth Suter Bühler Kunz Bachmann Christen
    Bürgi Aebischer Ammann Egli Bieri Hofer Lüthi Hürlimann Zürcher Rüegg Käser Zbinden Gasser
    Favre Rochat Blanc Bernasconi Ferrari Bianchi Crivelli Jaccard Perret Dubois Zumbühl
    Vonlanthen""",
)
TURKISH = (
    """Mehmet Fatma Mustafa Ayşe Ahmet Emine Ali Hatice Hüseyin Zeynep Hasan Elif İbrahim Meryem
    Murat Sultan Emre Merve Yusuf Esra Ömer Büşra Can Defne Deniz Selin Kemal Gül Serkan Çiğdem
    Uğur Şule Tolga Özlem Barış İpek""",
    """Yılmaz Kaya Demir Çelik Şahin Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Aslan
    Çetin Kara Koç Kurt Özkan Şimşek Polat Korkmaz Çakır Erdoğan Güneş Aksoy Bulut Keskin Turan
    Işık Taş Avcı Güler Tekin Bozkurt Yalçın Gündüz Karaca""",
)
POLISH = (
    """Anna Piotr Maria Krzysztof Katarzyna Andrzej Małgorzata Tomasz Agnieszka Jan Barbara Paweł
    Ewa Michał Krystyna Marcin Elżbieta Jakub Zofia Łukasz Joanna Grzegorz Magdalena Wojciech
    Monika Mateusz Julia Kamil Zuzanna Stanisław Żaneta Rafał Oliwia Sławomir Bożena""",
    """Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak
    Dąbrowski Kozłowski Jankowski Mazur Kwiatkowski Wojciechowski Krawczyk Kaczmarek Piotrowski
    Grabowski Zając Pawłowski Michalski Król Wieczorek Jabłoński Wróbel Nowakowski Majewski
    Olszewski Stępień Malinowski Jaworski Adamczyk Dudek Nowicki Pawlak Górski Witkowski Sikora
    Łuczak Żak""",
)

SURNAME_BEGINS = """
    Alt Ober Unter Hinter Stein Kirch Wald Berg Brunn Eich Linden Rosen Silber Gold Schön Neu Hoch
    Nieder Feld Hof Mühl Bach Born Buch Erlen Grün König Lind Nuss Oster Reh Sand See Tann Weiden
    Wolf
"""
SURNAME_ENDS = """
    meier bauer mann berger hofer thaler steiner müller moser huber rieder egger bacher felder kamp
    brink horst heim stein wald thal feld au hagen beck fels ländner öder
"""

COMPANY_KINDS = """
    Bäckerei Autohaus Elektro Gartenbau Malerbetrieb Schreinerei Metallbau Steuerberatung
    Zahnarztpraxis Druckerei Gasthaus Blumen Fahrrad Optik Möbelhaus Spedition Dachdeckerei
    Apotheke Buchhandlung Fotostudio Reisebüro Küchenstudio Werbeagentur Architekturbüro
    Maschinenbau Feinkost Kaffeerösterei
"""
COMPANY_FORMS = [
    "GmbH",
    "GmbH & Co. KG",
    "e. K.",
    "OHG",
    "AG",
    "UG (haftungsbeschränkt)",
    "GbR",
    "KG",
]

STREET_BEGINS = """
    Haupt Bahnhof Schul Garten Dorf Berg Kirch Wald Ring Linden Amsel Blumen Birken Buchen Mühlen
    Rosen Eichen Feld Tannen Schiller Goethe Mozart Beethoven Bach Lessing Kant Wiesen Sonnen
    Brunnen Markt Post Burg Schloss Kapellen Kloster Rathaus Finken Lerchen Drossel Meisen Falken
    Ahorn Kastanien Ulmen Erlen Eschen Pappel Weiden Flieder Nelken Tulpen Veilchen Dahlien Heide
    Moor Deich Hafen Ufer Rhein Main Neckar Donau Elbe Weser Isar Mosel Alpen Grenz Stein Ziegel
    Sand Kies Fabrik Werk Industrie Gewerbe Hütten Zechen Hohenzollern Bismarck Friedrich Wilhelm
    Luisen Königs Park Nord Süd West Ost Mittel
"""
STREET_TOWNS = """
    Berliner Münchner Kölner Hamburger Wiener Zürcher Leipziger Dresdner Danziger Breslauer
    Königsberger Frankfurter Bonner Aachener Trierer Mainzer Stuttgarter Bremer Prager Pariser
"""
STREET_ENDS = ["straße", "weg", "gasse", "platz", "allee", "ring", "stieg", "ufer", "hof", "pfad"]

# Towns with the first digits of their postcodes, the large ones first.
GERMAN_TOWNS = """
    10 Berlin, 20 Hamburg, 80 München, 50 Köln, 60 Frankfurt am Main, 70 Stuttgart, 40 Düsseldorf,
    04 Leipzig, 44 Dortmund, 45 Essen, 28 Bremen, 01 Dresden, 30 Hannover, 90 Nürnberg, 47
    Duisburg, 44 Bochum, 42 Wuppertal, 33 Bielefeld, 53 Bonn, 48 Münster, 68 Mannheim, 76
    Karlsruhe, 86 Augsburg, 65 Wiesbaden, 41 Mönchengladbach, 45 Gelsenkirchen, 52 Aachen, 38
    Braunschweig, 09 Chemnitz, 24 Kiel, 06 Halle (Saale), 39 Magdeburg, 79 Freiburg im Breisgau, 47
    Krefeld, 55 Mainz, 23 Lübeck, 99 Erfurt, 46 Oberhausen, 18 Rostock, 34 Kassel, 58 Hagen, 66
    Saarbrücken, 14 Potsdam, 59 Hamm, 67 Ludwigshafen am Rhein, 26 Oldenburg, 51 Leverkusen, 49
    Osnabrück, 42 Solingen, 69 Heidelberg, 64 Darmstadt, 41 Neuss, 93 Regensburg, 33 Paderborn, 85
    Ingolstadt, 63 Offenbach am Main, 90 Fürth, 89 Ulm, 74 Heilbronn, 75 Pforzheim, 97 Würzburg, 38
    Wolfsburg, 37 Göttingen, 46 Bottrop, 72 Reutlingen, 91 Erlangen, 27 Bremerhaven, 56 Koblenz, 51
    Bergisch Gladbach, 42 Remscheid, 54 Trier, 45 Recklinghausen, 07 Jena, 47 Moers, 38 Salzgitter,
    57 Siegen, 31 Hildesheim, 03 Cottbus, 53 Siegburg, 50 Hürth, 50 Frechen, 50 Brühl, 52 Düren, 53
    Euskirchen, 72 Tübingen, 96 Bamberg, 94 Passau, 78 Konstanz, 87 Kempten (Allgäu), 88 Lindau
    (Bodensee), 83 Rosenheim, 95 Bayreuth, 36 Fulda, 35 Gießen, 35 Marburg, 17 Greifswald, 19
    Schwerin, 02 Görlitz, 08 Zwickau, 26 Emden, 25 Husum, 21 Lüneburg, 29 Celle, 37 Goslar, 59
    Soest, 48 Coesfeld, 46 Wesel, 47 Kleve
"""
AUSTRIAN_TOWNS = """
    10 Wien, 80 Graz, 40 Linz, 50 Salzburg, 60 Innsbruck, 90 Klagenfurt am Wörthersee, 95 Villach,
    46 Wels, 31 St. Pölten, 68 Dornbirn, 27 Wiener Neustadt, 44 Steyr, 68 Feldkirch, 69 Bregenz, 40
    Leonding, 34 Klosterneuburg, 25 Baden, 94 Wolfsberg, 87 Leoben, 35 Krems an der Donau, 40
    Traun, 23 Mödling, 54 Hallein, 63 Kufstein, 71 Eisenstadt, 57 Zell am See, 65 Landeck
"""
SWISS_TOWNS = """
    80 Zürich, 12 Genève, 40 Basel, 10 Lausanne, 30 Bern, 84 Winterthur, 60 Luzern, 90 St. Gallen,
    69 Lugano, 25 Biel/Bienne, 36 Thun, 32 Köniz, 23 La Chaux-de-Fonds, 17 Fribourg, 82
    Schaffhausen, 70 Chur, 12 Vernier, 20 Neuchâtel, 86 Uster, 19 Sion, 53 Baden, 50 Aarau, 63 Zug,
    45 Solothurn, 46 Olten, 64 Schwyz, 39 Visp, 66 Bellinzona, 85 Frauenfeld, 81 Bülach
"""

REMARKS = [
    "Hat angerufen und fragt nach einem neuen Termin.",
    "Rechnung per E-Mail reicht, bitte nicht mehr per Post.",
    "Adresse am Telefon bestätigt.",
    "Möchte im Frühjahr wieder mitmachen.",
    "Bitte erst ab 17 Uhr anrufen, vorher im Dienst.",
    "Unterlagen sind angekommen und abgelegt.",
    "Zahlt immer pünktlich, Mahnlauf gerne eine Woche später.",
    "Neues Konto, das alte gilt noch bis zum Monatsende.",
    "Empfehlung von einer Freundin, hat sich bedankt.",
    "Wartet auf unser Angebot.\nNachfassen, wenn bis Freitag nichts kommt.",
    "Rückruf versprochen. Erledigt.",
    "Beschwerde wegen der Parkplätze, freundlich geklärt.",
    "Ist umgezogen, neue Telefonnummer folgt.",
    "Gutschein zum Geburtstag verschickt.",
    "Hat zwei Freunde mitgebracht, beide sehr interessiert.",
    "Vertrag verlängert, siehe Ablage.",
    "Lob für das Sommerfest: so bitte wieder!",
    "Details stehen auf https://www.example.com/termine und im Aushang.",
]
