"""The words of soups and plates. One part a line: ``text: LABEL CODES`` of what is in it."""

from __future__ import annotations

from sync.simulators.eat_api_parts import table

SOUPS = table("""
Kürbis-Ingwer-Suppe: CELERY
Tomatencremesuppe: MILK CELERY
Rote-Linsen-Suppe: CELERY GARLIC
Kartoffel-Lauch-Suppe: MILK CELERY
Karotten-Kokos-Suppe: GARLIC
Blumenkohlcremesuppe: MILK CELERY
Klare Gemüsebrühe: CELERY
Rindfleischbrühe: BEEF CELERY
Hühnersuppe: POULTRY CELERY
Erbseneintopf: CELERY MUSTARD
Minestrone: CELERY GARLIC
Borschtsch: BEEF CELERY
Spargelcremesuppe: MILK WHEAT
Pastinakensuppe: CELERY
Süßkartoffelsuppe: GARLIC
Brokkolicremesuppe: MILK CELERY
Zwiebelsuppe: ALCOHOL SULFITES CELERY
Graupensuppe: BARLEY CELERY
Ungarische Gulaschsuppe: BEEF GARLIC CELERY
Fischsuppe: FISH SHELLFISH CELERY
""")

SOUP_TOPPINGS = table("""
Croûtons: WHEAT MILK
gerösteten Kürbiskernen:
frischem Schnittlauch:
Backerbsen: WHEAT CHICKEN_EGGS MILK
Petersilie und Olivenöl:
Flädle: WHEAT CHICKEN_EGGS MILK
Roggenbrot: RYE WHEAT
Grießnockerln: WHEAT CHICKEN_EGGS MILK
einem Klecks Sauerrahm: MILK
Röstzwiebeln: WHEAT
gehackten Walnüssen: WALNUTS
Sesamstangen: WHEAT SESAME
Kräuteröl: GARLIC
Chiliflocken und Koriander:
""")

MEAT_MAINS = table("""
Rindergulasch: BEEF GARLIC
Geschmorte Rinderroulade: BEEF MUSTARD PORK
Sauerbraten vom Rind: BEEF SULFITES CELERY
Hausgemachte Frikadellen: BEEF PORK WHEAT CHICKEN_EGGS MUSTARD
Paniertes Schweineschnitzel: PORK WHEAT CHICKEN_EGGS
Schweinekrustenbraten: PORK GARLIC
Kasseler: PORK PRESERVATIVES ANTIOXIDANTS
Hähnchenbrustfilet: POULTRY
Knusprige Hähnchenkeule: POULTRY
Putengeschnetzeltes: POULTRY MILK
Putenschnitzel natur: POULTRY
Hähnchen-Cordon-bleu: POULTRY WHEAT MILK PRESERVATIVES PHOSPHATES
Kalbsrahmgeschnetzeltes: VEAL MILK
Königsberger Klopse: VEAL PORK MILK CHICKEN_EGGS WHEAT MUSTARD
Lammragout: LAMB GARLIC
Lammköfte: LAMB WHEAT GARLIC
Hirschgulasch: WILD_MEAT ALCOHOL SULFITES
Wildschweinragout: WILD_MEAT CELERY
Hackbraten: BEEF PORK CHICKEN_EGGS WHEAT
Currywurst: PORK PRESERVATIVES PHOSPHATES MUSTARD
Rostbratwürste: PORK MUSTARD
Gefüllte Paprika mit Rinderhack: BEEF CELERY
Chili con Carne: BEEF GARLIC
Entenkeule: POULTRY
""")

FISH_MAINS = table("""
Gedünstetes Seelachsfilet: FISH
Backfisch: FISH WHEAT CHICKEN_EGGS
Lachswürfel: FISH
Zanderfilet: FISH
Forelle Müllerin Art: FISH WHEAT MILK
Kabeljau unter Kräuterkruste: FISH WHEAT MILK
Fischfrikadellen: FISH WHEAT CHICKEN_EGGS MUSTARD
Matjesfilet: FISH PRESERVATIVES
Gebratene Garnelen: SHELLFISH GARLIC
Muscheltopf: MOLLUSCS CELERY GARLIC
Pangasius im Backteig: FISH WHEAT
Rotbarschfilet: FISH
""")

PLANT_MAINS = table("""
Gemüseschnitzel: WHEAT CELERY
Kartoffelpuffer: CHICKEN_EGGS
Kichererbsenbällchen: SESAME GARLIC
Linsenbratlinge: WHEAT MUSTARD
Spinatknödel: WHEAT MILK CHICKEN_EGGS
Käsespätzle-Auflauf: WHEAT MILK CHICKEN_EGGS
Gefüllte Zucchini mit Couscous: WHEAT
Gefüllte Aubergine: GARLIC
Sojageschnetzeltes: SOY
Räuchertofu: SOY
Gebratener Halloumi: MILK
Süßkartoffel-Bohnen-Pfanne: GARLIC
Pilzragout: CELERY
Gemüsestrudel: WHEAT MILK
Grünkernküchle: SPELT CELERY
Haferbratlinge: OAT CELERY
Selleriesteak: CELERY
Blumenkohl-Käse-Medaillon: MILK WHEAT CHICKEN_EGGS
Seitanstreifen: WHEAT SOY
Kürbisgulasch: GARLIC
Ofengemüse: GARLIC
Maultaschen mit Gemüsefüllung: WHEAT CHICKEN_EGGS
Polentaschnitten: MILK
Lupinenschnitzel: LUPIN WHEAT
Shakshuka mit Ei: CHICKEN_EGGS GARLIC
""")

SAUCES = table("""
in Pfefferrahmsauce: MILK CELERY
mit Champignonrahmsauce: MILK CELERY
in Rotweinsauce: ALCOHOL SULFITES CELERY
mit Bratenjus: CELERY
mit Kräuterquark: MILK
in Tomaten-Basilikum-Sauce: GARLIC
in Kokos-Curry-Sauce: GARLIC
mit Erdnusssauce: PEANUTS SOY
in Paprikasauce: CELERY
mit Zwiebelsauce: CELERY
in Senfsauce: MUSTARD MILK
mit Meerrettichsauce: MILK SULFITES
mit Zitronen-Dill-Sauce: MILK
mit Mango-Chutney: SULFITES
mit Tahin-Dip: SESAME GARLIC
mit Aioli: CHICKEN_EGGS GARLIC MUSTARD
mit Sauce hollandaise: MILK CHICKEN_EGGS
mit Linsen-Dal: GARLIC
mit Salsa verde: GARLIC
mit Sojajoghurt-Minz-Dip: SOY
mit Bärlauchpesto: CASHEWS
mit Apfel-Zwiebel-Relish: SULFITES
""")

SIDES = table("""
Salzkartoffeln:
Kartoffelpüree: MILK
Bratkartoffeln:
Pommes frites:
Rosmarinkartoffeln: GARLIC
Kartoffelklöße: SULFITES
Semmelknödel: WHEAT CHICKEN_EGGS MILK
Basmatireis:
Gemüsereis: CELERY
Couscous: WHEAT
Bulgur: WHEAT
Butterspätzle: WHEAT CHICKEN_EGGS MILK
Bandnudeln: WHEAT
Apfelrotkohl: SULFITES
Sauerkraut:
grüne Bohnen:
Buttergemüse: MILK
Kaisergemüse:
Rahmwirsing: MILK
Blattspinat:
Gurkensalat: MILK
Krautsalat: MUSTARD
Fladenbrot: WHEAT SESAME
Kräuterbaguette: WHEAT MILK GARLIC
""")
