package xlsform

import "opengate/survey"

// defaultAreas are the fifteen rights areas used where the workbook has no og_areas sheet, with the articles of the
// EU Charter of Fundamental Rights and of the European Charter for the Safeguarding of Human Rights in the City.
func defaultAreas() []survey.Area {
	area := func(code, pl, simple, en, uk, ru, ar, eu, city string) survey.Area {
		return survey.Area{Code: code, Reference: "EU Charter " + eu + "; City Charter " + city, Label: survey.Text{
			"pl": pl, "pl-simple": simple, "en": en, "uk": uk, "ru": ru, "ar": ar,
		}}
	}
	return []survey.Area{
		area("EQU", "Równe traktowanie", "Równe traktowanie", "Equal treatment", "Рівне ставлення", "Равное обращение", "المساواة في المعاملة", "20, 21, 23", "II"),
		area("SAF", "Godność, bezpieczeństwo, przemoc", "Bezpieczeństwo", "Dignity, safety, violence", "Гідність, безпека, насильство", "Достоинство, безопасность, насилие", "الكرامة والأمان والعنف", "1, 3, 4, 6", "XX"),
		area("LAN", "Język, przekonania, tożsamość", "Język i wiara", "Language, belief, identity", "Мова, переконання, ідентичність", "Язык, убеждения, идентичность", "اللغة والمعتقد والهوية", "10, 22", "III"),
		area("PAR", "Udział w decyzjach, zrzeszanie się", "Wpływ na decyzje", "Voice, association", "Участь у рішеннях, об’єднання", "Участие в решениях, объединения", "المشاركة وتكوين الجمعيات", "11, 12, 40", "VIII, IX"),
		area("INF", "Informacja, dobra administracja", "Informacja i urzędy", "Information, good administration", "Інформація, належне врядування", "Информация, надлежащее управление", "المعلومات والإدارة الجيدة", "41, 42", "XI, XXIII, XXIV"),
		area("SOC", "Pomoc społeczna", "Pomoc społeczna", "Social support", "Соціальна підтримка", "Социальная поддержка", "الدعم الاجتماعي", "34", "IV, XII"),
		area("EDU", "Edukacja", "Szkoła i nauka", "Education", "Освіта", "Образование", "التعليم", "14", "XIII"),
		area("WRK", "Praca", "Praca", "Work", "Праця", "Труд", "العمل", "15, 31", "XIV"),
		area("HOU", "Mieszkanie", "Mieszkanie", "Housing", "Житло", "Жильё", "السكن", "7, 34(3)", "XVI"),
		area("HEA", "Zdrowie", "Zdrowie", "Health", "Здоров’я", "Здоровье", "الصحة", "35", "XVII"),
		area("ENV", "Środowisko", "Przyroda i czyste powietrze", "Environment", "Довкілля", "Окружающая среда", "البيئة", "37", "XVIII"),
		area("MOB", "Przemieszczanie się, dostępność", "Poruszanie się po mieście", "Movement, accessibility", "Пересування, доступність", "Передвижение, доступность", "التنقل وسهولة الوصول", "26, 45", "XIX, XX"),
		area("FAM", "Życie prywatne i rodzinne, opieka", "Rodzina i opieka", "Private and family life, care", "Приватне й сімейне життя, догляд", "Частная и семейная жизнь, уход", "الحياة الخاصة والأسرية والرعاية", "7, 24, 25, 33", "X"),
		area("CUL", "Kultura, wypoczynek", "Kultura i wypoczynek", "Culture, leisure", "Культура, дозвілля", "Культура, досуг", "الثقافة والترفيه", "13, 22", "XV, XXI"),
		area("JUS", "Ochrona prawna, policja", "Sąd i policja", "Remedy, police", "Правовий захист, поліція", "Правовая защита, полиция", "الإنصاف والشرطة", "47", "XXV–XXVII"),
	}
}
