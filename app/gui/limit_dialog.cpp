// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/limit_dialog.h"

#include "app/client/quantities.h"
#include "app/gui/form_parts.h"
#include "app/gui/live_data.h"
#include "app/gui/policy_sentences.h"
#include "app/gui/quantity_edit.h"
#include "dbus/schedule.h"

#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>

namespace weir::gui {

LimitDialog::LimitDialog(LiveData &live, PolicyActions &actions, const dbus::WatchRow &watch, QWidget *parent)
    : PolicyDialog(client::Policy::Limit, live, actions, watch, parent),
      m_down(new QuantityEdit({.optional = true}, tr("Down"), tr("For example: 20 Mbit/s"))),
      m_up(new QuantityEdit({.optional = true}, tr("Up"), tr("For example: 5 Mbit/s"))),
      m_when(new QComboBox), m_whenHint(hintLabel()), m_problem(hintLabel())
{
    setWindowTitle(tr("Limit of “%1”").arg(watch.name));
    m_when->setAccessibleName(tr("When"));
    m_when->setEditable(true);
    m_when->setInsertPolicy(QComboBox::NoInsert);
    m_when->lineEdit()->setPlaceholderText(tr("Always"));
    m_when->lineEdit()->setMaxLength(1000);
    m_when->addItems({QString(), QStringLiteral("mon-fri 08:00-18:00"), QStringLiteral("22:00-06:00"),
                      QStringLiteral("sat,sun 00:00-24:00")});
    m_when->setToolTip(tr("Days and times on this machine's clocks, several joined by semicolons. Empty: "
                          "always."));
    QGridLayout *form = nullptr;
    auto *body = fieldsWidget(form);
    addField(form, tr("Down"), m_down, m_down->line());
    addField(form, tr("Up"), m_up, m_up->line());
    addField(form, tr("When"), withHint(m_when, m_whenHint), m_when);
    form->addWidget(m_problem, form->rowCount(), 0, 1, 2);
    for (QuantityEdit *edit : {m_down, m_up})
        connect(edit, &QuantityEdit::changed, this, &LimitDialog::check);
    connect(m_when, &QComboBox::currentTextChanged, this, &LimitDialog::check);
    finish(body);
    m_down->setFocus();
}

bool LimitDialog::isSet() const
{
    return watch().limit.set;
}

void LimitDialog::load()
{
    const dbus::LimitState &limit = watch().limit;
    const auto rate = [](qulonglong bits) { return bits != 0 ? std::optional<quint64>(bits) : std::nullopt; };
    setEnabledWanted(!limit.set || limit.enabled);
    m_down->setValue(rate(limit.downBitsPerSecond));
    m_up->setValue(rate(limit.upBitsPerSecond));
    m_when->setCurrentIndex(-1);
    m_when->setEditText(limit.when);
}

QString LimitDialog::when() const
{
    return m_when->currentText().trimmed();
}

void LimitDialog::arrange()
{
    const auto schedule = Schedule::parse(when());
    setHint(m_whenHint,
            !schedule ? tr("This is not understood. Write days and times, such as mon-fri 08:00-18:00; sat "
                           "10:00-12:00.")
                : schedule->isAlways() ? QString()
                                       : QStringLiteral("= ") + schedule->text(),
            schedule ? Tone::Plain : Tone::Error);
    const QString tooFast = text::tooFast(live().links(), watch());
    const quint64 speed = text::lineSpeed(live().links(), watch());
    for (QuantityEdit *edit : {m_down, m_up})
        edit->setWarning(speed != 0 && edit->value().value_or(0) > speed ? tooFast : QString());
    const QString &problem = watch().limit.problem;
    m_whenHint->setVisible(!m_whenHint->text().isEmpty());
    setHint(m_problem, problem.isEmpty() ? QString() : tr("Not in force as it was set: %1").arg(problem),
            Tone::Warning);
    m_problem->setVisible(!problem.isEmpty());
}

QString LimitDialog::wrong() const
{
    if (!m_down->fits())
        return tr("Down: %1").arg(m_down->wrong());
    if (!m_up->fits())
        return tr("Up: %1").arg(m_up->wrong());
    if (!Schedule::parse(when()))
        return tr("When: the days and times are not understood.");
    if (!m_down->value() && !m_up->value())
        return isSet() ? tr("without a rate there is no limit; “Remove” takes it away.")
                       : tr("type a rate for at least one direction.");
    return {};
}

QVariantMap LimitDialog::fields() const
{
    QVariantMap fields{{QStringLiteral("when"), Schedule::parse(when())->text()},
                       {QStringLiteral("enabled"), enabledWanted()}};
    if (m_down->value())
        fields.insert(QStringLiteral("down_bits_per_s"), qulonglong(*m_down->value()));
    if (m_up->value())
        fields.insert(QStringLiteral("up_bits_per_s"), qulonglong(*m_up->value()));
    return fields;
}

QString LimitDialog::describe() const
{
    return text::limitSentence(watch().name, m_down->value(), m_up->value(), Schedule::parse(when())->text());
}

} // namespace weir::gui
